//go:build unix

package ledger

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// file is a bare descriptor, which costs half of an os.File. Closing it gives
// back its lock.
type file struct{ fd int }

// openFile opens for reading and writing.
func openFile(path string, create bool) (*file, error) {
	flags := unix.O_RDWR | unix.O_CLOEXEC | unix.O_NOFOLLOW
	if create {
		flags |= unix.O_CREAT
	}
	fd, err := retry(func() (int, error) { return unix.Open(path, flags, 0o600) })
	if err != nil {
		return nil, err
	}
	return &file{fd}, nil
}

func (f *file) tryLock() (bool, error) { return f.flock(unix.LOCK_EX) }

// tryShared takes a lock that keeps out only tryLock, for a moment's question.
func (f *file) tryShared() (bool, error) { return f.flock(unix.LOCK_SH) }

func (f *file) unlock() error { return unix.Flock(f.fd, unix.LOCK_UN) }

func (f *file) flock(how int) (bool, error) {
	_, err := retry(func() (int, error) { return 0, unix.Flock(f.fd, how|unix.LOCK_NB) })
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// state tells the size, and if the file still has its name: files are removed
// but never renamed.
func (f *file) state() (size int64, linked bool, err error) {
	var st unix.Stat_t
	if err := unix.Fstat(f.fd, &st); err != nil {
		return 0, false, err
	}
	return st.Size, st.Nlink > 0, nil
}

func (f *file) readAt(p []byte, off int64) (int, error) {
	read := 0
	for read < len(p) {
		n, err := retry(func() (int, error) { return unix.Pread(f.fd, p[read:], off+int64(read)) })
		if err != nil || n == 0 {
			return read, err
		}
		read += n
	}
	return read, nil
}

func (f *file) writeAt(p []byte, off int64) error {
	for len(p) > 0 {
		n, err := retry(func() (int, error) { return unix.Pwrite(f.fd, p, off) })
		if err != nil {
			return err
		}
		p, off = p[n:], off+int64(n)
	}
	return nil
}

func (f *file) truncate(size int64) error { return unix.Ftruncate(f.fd, size) }

// unlink removes the file, which the caller holds locked, and leaves alone from
// then on: somebody else may have made and locked another.
func (f *file) unlink(path string) error { return unix.Unlink(path) }

func (f *file) close() { _ = unix.Close(f.fd) }

// retry repeats what a signal interrupted.
func retry(f func() (int, error)) (int, error) {
	for {
		if n, err := f(); !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

var errForeign = errors.New("it belongs to another user, or others may write to it")

func checkDir(dir string) error {
	var st unix.Stat_t
	if err := unix.Stat(dir, &st); err != nil {
		return err
	}
	if int(st.Uid) != os.Geteuid() || st.Mode&0o022 != 0 {
		return errForeign
	}
	return unix.Access(dir, unix.W_OK|unix.X_OK)
}
