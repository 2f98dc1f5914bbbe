//go:build unix

package durable

import (
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// descriptor parses the names by which Unix systems show a process its own
// descriptors. Opening such a name would give a regular file a second offset, and
// fails for a socket; duplicating the descriptor does neither.
func descriptor(name string) (fd int, ok bool) {
	switch name {
	case "/dev/stdin":
		return 0, true
	case "/dev/stdout":
		return 1, true
	case "/dev/stderr":
		return 2, true
	}
	for _, dir := range []string{"/dev/fd/", "/proc/self/fd/"} {
		if number, found := strings.CutPrefix(name, dir); found {
			n, err := strconv.ParseUint(number, 10, 31)
			return int(n), err == nil
		}
	}
	return 0, false
}

// inheritable checks that this process inherited fd, for writing. Go opens its own
// descriptors close-on-exec, which an inherited one cannot be.
func inheritable(fd int) error {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	if err != nil {
		return err
	}
	if flags&unix.FD_CLOEXEC != 0 {
		return unix.EBADF
	}
	mode, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil {
		return err
	}
	if mode&unix.O_ACCMODE == unix.O_RDONLY {
		return unix.EBADF
	}
	return nil
}

func inherit(fd int, name string) (*os.File, error) {
	if err := inheritable(fd); err != nil {
		return nil, err
	}
	twin, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(twin), name), nil
}

func writable(name string) error {
	return unix.Faccessat(unix.AT_FDCWD, name, unix.W_OK, unix.AT_EACCESS)
}

func writableDir(name string) error {
	return unix.Faccessat(unix.AT_FDCWD, name, unix.W_OK|unix.X_OK, unix.AT_EACCESS)
}

// keepOwner gives f the owner of the file that it replaces, where the process may set
// it. In general only root may.
func keepOwner(f *os.File, old fs.FileInfo) {
	if s, ok := old.Sys().(*syscall.Stat_t); ok {
		_ = f.Chown(int(s.Uid), int(s.Gid))
	}
}
