//go:build unix

package ledger

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// openFile opens for reading and writing.
func openFile(path string, create bool) (*file, error) {
	flags := unix.O_RDWR | unix.O_NOFOLLOW
	if create {
		flags |= unix.O_CREAT
	}
	f, err := openUnpolled(path, flags)
	return &file{f}, err
}

// openUnpolled is os.OpenFile for files that nobody waits for. os.OpenFile would offer
// each to the poller: five system calls more, a third of what a reservation costs.
func openUnpolled(path string, flags int) (*os.File, error) {
	for {
		fd, err := unix.Open(path, flags|unix.O_CLOEXEC, 0o600)
		if err == nil {
			return os.NewFile(uintptr(fd), path), nil
		}
		if !errors.Is(err, unix.EINTR) {
			return nil, err
		}
	}
}

func (f *file) tryLock() (bool, error) { return f.flock(unix.LOCK_EX) }

// tryShared takes a lock that keeps out only tryLock, for a moment's question.
func (f *file) tryShared() (bool, error) { return f.flock(unix.LOCK_SH) }

func (f *file) unlock() error { return unix.Flock(int(f.Fd()), unix.LOCK_UN) }

func (f *file) flock(how int) (bool, error) {
	for {
		switch err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB); {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EWOULDBLOCK):
			return false, nil
		default:
			return err == nil, err
		}
	}
}

// state tells the size, and whether the file still has its name: files are
// removed but never renamed.
func (f *file) state() (size int64, linked bool, err error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return 0, false, err
	}
	return st.Size, st.Nlink > 0, nil
}

// remove takes away the name of a file that the caller holds locked. The caller
// leaves the file alone from then on: somebody else may have made another.
func (f *file) remove() error { return os.Remove(f.Name()) }

var errShared = errors.New("others may write to it")

// checkDir asks whether a directory is this user's alone: a link in another one could lead
// our files elsewhere. The kernel also knows read-only file systems.
func checkDir(dir string) error {
	var st unix.Stat_t
	if err := unix.Stat(dir, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		return unix.ENOTDIR
	}
	if int(st.Uid) != os.Geteuid() {
		return errForeign
	}
	if st.Mode&0o022 != 0 {
		return errShared
	}
	return unix.Access(dir, unix.W_OK|unix.X_OK)
}
