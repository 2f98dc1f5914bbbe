package ledger

import (
	"hash/fnv"

	"golang.org/x/sys/unix"
)

// systemClock counts from boot, suspend included.
func systemClock() clock {
	id, err := readFile("/proc/sys/kernel/random/boot_id")
	var ts unix.Timespec
	if err != nil || len(id) == 0 || unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts) != nil {
		return clock{now: wallClock}
	}
	h := fnv.New64a()
	h.Write(id)
	return clock{now: bootTime, boot: h.Sum64() | 1}
}

func bootTime() instant {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts) // proven to work by systemClock
	return instant(ts.Nano())
}
