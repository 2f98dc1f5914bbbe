package ledger

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/windows"
)

// file locks a byte that no record reaches: locks are mandatory here, and
// readers must get through.
type file struct{ f *os.File }

const lockByte = 1 << 30 // in units of 4 GiB

func openFile(path string, create bool) (*file, error) {
	flags := os.O_RDWR
	if create {
		flags |= os.O_CREATE
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return nil, err
	}
	return &file{f}, nil
}

func (f *file) tryLock() (bool, error) { return f.lock(windows.LOCKFILE_EXCLUSIVE_LOCK) }

// tryShared takes a lock that keeps out only tryLock, for a moment's question.
func (f *file) tryShared() (bool, error) { return f.lock(0) }

func (f *file) unlock() error {
	return windows.UnlockFileEx(windows.Handle(f.f.Fd()), 0, 1, 0, &windows.Overlapped{OffsetHigh: lockByte})
}

func (f *file) lock(how uint32) (bool, error) {
	how |= windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.f.Fd()), how, 0, 1, 0, &windows.Overlapped{OffsetHigh: lockByte})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return false, nil
	}
	return err == nil, err
}

// state tells the size; files keep their names here, see unlink.
func (f *file) state() (size int64, linked bool, err error) {
	st, err := f.f.Stat()
	if err != nil {
		return 0, false, err
	}
	return st.Size(), true, nil
}

func (f *file) readAt(p []byte, off int64) (int, error) {
	n, err := f.f.ReadAt(p, off)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

func (f *file) writeAt(p []byte, off int64) error {
	_, err := f.f.WriteAt(p, off)
	return err
}

func (f *file) truncate(size int64) error { return f.f.Truncate(size) }

// unlink empties the file: one that others have open cannot be removed, and an
// empty record is none.
func (f *file) unlink(string) error { return f.f.Truncate(0) }

func (f *file) close() { _ = f.f.Close() }

func checkDir(string) error { return nil }
