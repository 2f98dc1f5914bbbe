package durable

import (
	"errors"
	"os"
)

// ErrLocked says that another process holds a lock. It ends with that process.
var ErrLocked = errors.New("another process holds the lock")

// Lock takes the lock of the file called name in root, which it makes where it is
// missing, or fails with ErrLocked. The lock is held until the file is closed, however
// the process ends. The file stays: whoever removes it without the lock lets two
// processes each hold one of that name.
func Lock(root *os.Root, name string) (*os.File, error) {
	f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	if err := lock(f); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
