package ledger

import (
	"errors"
	"hash/fnv"
	"io/fs"
	"os"

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

// bootID tells this boot from others; 0 if that cannot be known. The time since boot
// is counted anew in each time namespace, so each counts as a boot of its own.
func bootID() uint64 {
	id, err := readShort("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return 0
	}
	namespace, err := os.Readlink("/proc/self/ns/time")
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // as in kernels before 5.6
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write(append(id, namespace...)) // never fails
	return h.Sum64() | 1
}

// readShort is os.ReadFile for a file of 1 to 64 bytes. os.ReadFile makes twice as many
// system calls, and wakes the poller's thread for a file in /proc.
func readShort(path string) ([]byte, error) {
	f, err := openUnpolled(path, unix.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content := make([]byte, 64)
	n, err := f.Read(content)
	return content[:n], err
}
