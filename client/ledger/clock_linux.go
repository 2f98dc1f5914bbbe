package ledger

import (
	"hash/fnv"

	"golang.org/x/sys/unix"
)

// systemClock counts from boot, suspend included.
func systemClock() clock {
	id := bootID()
	var ts unix.Timespec
	if id == 0 || unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts) != nil {
		return clock{now: wallClock}
	}
	return clock{now: bootTime, boot: id}
}

func bootTime() instant {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts) // proven to work by systemClock
	return instant(ts.Nano())
}

// bootID tells this boot from others; 0 if that cannot be known.
func bootID() uint64 {
	fd, err := unix.Open("/proc/sys/kernel/random/boot_id", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	defer unix.Close(fd)
	var id [36]byte
	n, err := unix.Read(fd, id[:])
	if err != nil || n <= 0 {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write(id[:n]) // never fails
	return h.Sum64() | 1
}
