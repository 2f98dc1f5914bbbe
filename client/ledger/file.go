package ledger

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// file is a record or the sign of life of a process. Its lock is advisory and
// ends when the file is closed, or with the process.
type file struct{ *os.File }

// createFile opens a file, and makes it and its directory where they are missing. Most
// are there, and an open that may create keeps all others out of the directory.
func createFile(path string) (*file, error) {
	f, err := openFile(path, false)
	if errors.Is(err, fs.ErrNotExist) {
		f, err = openFile(path, true)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	return openFile(path, true)
}

// noRoom reports whether a write failed because the disk, or the user's share of it, is
// full.
func noRoom(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// readAt reads as much of p as the file has.
func (f *file) readAt(p []byte, off int64) (int, error) {
	n, err := f.ReadAt(p, off)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// readRecord reads as many bytes as the record says it has; nil if there are none.
func (f *file) readRecord() ([]byte, error) {
	raw := make([]byte, 512) // few records are longer
	n, err := f.readAt(raw, 0)
	raw = raw[:n]
	if err != nil || n == 0 {
		return nil, err
	}
	size, ok := recordLen(raw)
	if !ok || size <= n {
		return raw, nil
	}
	raw = append(raw, make([]byte, size-n)...)
	m, err := f.readAt(raw[n:], int64(n))
	return raw[:n+m], err
}

// fileNames are the names in a directory; a missing one has none.
func fileNames(dir string) ([]string, error) {
	d, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &StateError{"list", dir, cause(err)}
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, &StateError{"list", dir, cause(err)}
	}
	return names, nil
}
