package durable

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// target is what an output path leads to.
type target struct {
	name      string
	dir       string      // the part of name up to its last separator
	info      fs.FileInfo // nil: does not exist yet
	inherited bool        // name stands for the descriptor fd
	fd        int
}

func (t target) inPlace() bool {
	return t.inherited || t.info != nil && !t.info.Mode().IsRegular()
}

func (t target) check() error {
	switch {
	case t.inherited:
		return inheritable(t.fd)
	case t.info != nil && t.info.IsDir():
		return syscall.EISDIR
	case t.info != nil:
		if err := writable(t.name); err != nil || t.inPlace() {
			return err
		}
	}
	return writableDir(t.dir + ".")
}

func (t target) create(p fsys, prefix string) (*File, error) {
	switch {
	case t.inherited:
		f, err := inherit(t.fd, t.name)
		return &File{f: f}, err
	case t.info != nil && t.info.IsDir():
		return nil, syscall.EISDIR
	case t.inPlace():
		f, err := p.OpenFile(t.name, os.O_WRONLY, 0)
		return &File{f: f}, err
	case t.info != nil:
		return t.replace(p, prefix)
	}
	return t.createTemp(p, prefix, 0o666)
}

// replace creates the temporary for an existing file.
func (t target) replace(p fsys, prefix string) (*File, error) {
	// A rename ignores the file's mode; opening it respects read-only files.
	old, err := p.OpenFile(t.name, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	_ = old.Close()
	f, err := t.createTemp(p, prefix, t.info.Mode().Perm())
	if err != nil {
		return nil, err
	}
	keepOwner(f.f, t.info)
	if err := f.f.Chmod(t.info.Mode().Perm()); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// createTemp creates the temporary. Its mode is never wider than the final one.
func (t target) createTemp(p fsys, prefix string, perm fs.FileMode) (*File, error) {
	for {
		temp := t.dir + prefix + strconv.FormatUint(rand.Uint64(), 36)
		f, err := p.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
		if os.IsExist(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return &File{fsys: p, final: t.name, temp: temp, f: f}, nil
	}
}

// tempPrefix begins the name of every temporary. The final name is not part of it,
// since that may already have the longest length allowed.
const tempPrefix = ".smp-"

// follow is the name that a link in dir leads to.
func follow(dir, to string) string {
	if filepath.IsAbs(to) {
		return to
	}
	return dir + to
}
