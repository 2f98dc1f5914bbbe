package durable

import (
	"io/fs"
	"os"
	"syscall"
)

// fsys is where paths are looked up: the whole file system, or an os.Root.
type fsys interface {
	OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error)
	Lstat(name string) (fs.FileInfo, error)
	Readlink(name string) (string, error)
	Rename(from, to string) error
	Remove(name string) error

	// descriptor is the inherited descriptor that name stands for, as /dev/fd/3
	// does.
	descriptor(name string) (fd int, ok bool)
}

type osFS struct{}

func (osFS) OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error) {
	return os.OpenFile(name, flag, perm)
}
func (osFS) Lstat(name string) (fs.FileInfo, error)   { return os.Lstat(name) }
func (osFS) Readlink(name string) (string, error)     { return os.Readlink(name) }
func (osFS) Rename(from, to string) error             { return os.Rename(from, to) }
func (osFS) Remove(name string) error                 { return os.Remove(name) }
func (osFS) descriptor(name string) (fd int, ok bool) { return descriptor(name) }

type rootFS struct{ *os.Root }

func (rootFS) descriptor(string) (fd int, ok bool) { return 0, false }

// maxLinks is the number of symbolic links that Linux follows.
const maxLinks = 40

// lookUp follows the symbolic links of path itself: a link that points to nothing yet
// is a valid name for a new file.
func lookUp(p fsys, path string) (target, error) {
	name := path
	for range maxLinks {
		if fd, ok := p.descriptor(name); ok {
			return target{name: name, fd: fd, inherited: true}, nil
		}
		dir, base := split(name)
		if base == "" || base == "." || base == ".." {
			return target{}, notAFile(p, name)
		}
		info, err := p.Lstat(name)
		if os.IsNotExist(err) {
			return target{name: name, dir: dir}, nil
		}
		if err != nil {
			return target{}, err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			return target{name: name, dir: dir, info: info}, nil
		}
		to, err := p.Readlink(name)
		if err != nil {
			return target{}, err
		}
		name = follow(dir, to)
	}
	return target{}, syscall.ELOOP
}

// notAFile is the error of a path that ends without a file name.
func notAFile(p fsys, name string) error {
	if name == "" {
		return syscall.ENOENT
	}
	if _, err := p.Lstat(name); err != nil {
		return err
	}
	return syscall.EISDIR
}

// split cuts name before its last element. It does not clean the name: with symbolic
// links "a/b/.." need not be "a".
func split(name string) (dir, base string) {
	i := len(name)
	for i > 0 && !os.IsPathSeparator(name[i-1]) {
		i--
	}
	return name[:i], name[i:]
}
