package durable

import (
	"io/fs"
	"os"
	"syscall"
)

// place is where paths are looked up: the file system, or a root of it.
type place interface {
	OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error)
	Lstat(name string) (fs.FileInfo, error)
	Readlink(name string) (string, error)
	Rename(from, to string) error
	Remove(name string) error

	// descriptor tells the number of an inherited descriptor that name stands
	// for, as /dev/fd/3 does.
	descriptor(name string) (fd int, ok bool)
}

type anywhere struct{}

func (anywhere) OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error) {
	return os.OpenFile(name, flag, perm)
}
func (anywhere) Lstat(name string) (fs.FileInfo, error)   { return os.Lstat(name) }
func (anywhere) Readlink(name string) (string, error)     { return os.Readlink(name) }
func (anywhere) Rename(from, to string) error             { return os.Rename(from, to) }
func (anywhere) Remove(name string) error                 { return os.Remove(name) }
func (anywhere) descriptor(name string) (fd int, ok bool) { return descriptor(name) }

type rooted struct{ *os.Root }

func (rooted) descriptor(string) (fd int, ok bool) { return 0, false }

// maxLinks is where Linux, too, gives up on a chain of symbolic links.
const maxLinks = 40

// find follows the symbolic links of path by hand, since a link that points to
// nothing yet is a fine name for a new file.
func find(p place, path string) (target, error) {
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

// notAFile tells why a path without a last element can be no output.
func notAFile(p place, name string) error {
	if name == "" {
		return syscall.ENOENT
	}
	if _, err := p.Lstat(name); err != nil {
		return err
	}
	return syscall.EISDIR
}

// split cuts name before its last element. It cleans nothing: with symbolic
// links, "a/b/.." need not be "a".
func split(name string) (dir, base string) {
	i := len(name)
	for i > 0 && !os.IsPathSeparator(name[i-1]) {
		i--
	}
	return name[:i], name[i:]
}
