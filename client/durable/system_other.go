//go:build !unix

package durable

import (
	"io/fs"
	"os"
	"syscall"
)

func descriptor(string) (fd int, ok bool) { return 0, false }

func inheritable(int) error { return syscall.EINVAL }

func inherit(int, string) (*os.File, error) { return nil, syscall.EINVAL }

func writable(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// writableDir only requires a directory: more would take an attempt, which changes
// the directory.
func writableDir(name string) error {
	info, err := os.Stat(name)
	if err == nil && !info.IsDir() {
		err = syscall.ENOTDIR
	}
	return err
}

func keepOwner(*os.File, fs.FileInfo) {}
