//go:build !windows

package batch

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lockFile holds the file called name until it is closed, however the process
// ends. The file itself stays: removing it would let two runs each hold one of
// that name.
func lockFile(root *os.Root, name string) (*os.File, error) {
	f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		return f, nil
	}
	f.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = ErrDirInUse
	}
	return nil, err
}
