package ledger

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/windows"
)

// lockByte is a byte that no record reaches, in units of 4 GiB: locks are
// mandatory here, and readers must get through.
const lockByte = 1 << 30

func openFile(path string, create bool) (*file, error) {
	flags := os.O_RDWR
	if create {
		flags |= os.O_CREATE
	}
	f, err := os.OpenFile(path, flags, 0o600)
	return &file{f}, err
}

func (f *file) tryLock() (bool, error) { return f.lock(windows.LOCKFILE_EXCLUSIVE_LOCK) }

// tryShared takes a lock that keeps out only tryLock, for a moment's question.
func (f *file) tryShared() (bool, error) { return f.lock(0) }

func (f *file) unlock() error {
	return windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, &windows.Overlapped{OffsetHigh: lockByte})
}

func (f *file) lock(how uint32) (bool, error) {
	how |= windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), how, 0, 1, 0, &windows.Overlapped{OffsetHigh: lockByte})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return false, nil
	}
	return err == nil, err
}

// state tells the size; files keep their names here, see remove.
func (f *file) state() (size int64, linked bool, err error) {
	st, err := f.Stat()
	if err != nil {
		return 0, false, err
	}
	return st.Size(), true, nil
}

// remove empties the file: one that others have open cannot be removed, and an
// empty record is none.
func (f *file) remove() error { return f.Truncate(0) }

// checkDir leaves it to the access list of the user's directories to keep others out.
func checkDir(dir string) error {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = syscall.ENOTDIR
	}
	return err
}
