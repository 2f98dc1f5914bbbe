// Package durable writes files that appear whole or not at all, and logs of which
// every line is whole. [Lock] ends with its process.
//
// The first two hold when the process is killed and when the disk is full. Nothing is promised
// against a power cut: the package calls no fsync.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// File is an output file that Commit makes visible, unless it is written in place (see
// [Create]). It is not safe for concurrent use.
type File struct {
	path  string // as the caller named it, for messages
	fsys  fsys
	final string   // what Commit replaces; "" when written in place
	temp  string   // holds the bytes until then
	f     *os.File // nil once closed
	err   error    // the first failed write; Commit refuses after it
}

// Create opens path for output.
//
// A path that does not exist or is a regular file is written to a temporary
// beside it (named ".smp-…"), which Commit renames. A new file gets mode 0666
// less the umask, a replaced one keeps its mode and, where the process may set
// it, its owner. Where path is a symbolic link, what it points to is replaced.
//
// A path that exists and is no regular file is written in place: a device, a
// FIFO, or an inherited descriptor as /dev/fd/3 or /dev/stdout. Opening a
// FIFO waits for its reader. A directory is an error.
//
// Every error is an *fs.PathError that names path. The caller closes the File.
func Create(path string) (*File, error) {
	return create(osFS{}, path, tempPrefix)
}

// CreateIn is Create for a name inside root. Neither the name nor a symbolic
// link on the way leads outside of it; a directory in name must exist. The temporary
// bears mark, for [Sweep]; it lies in root where name has no directory.
func CreateIn(root *os.Root, name, mark string) (*File, error) {
	return create(rootFS{root}, name, marked(mark))
}

// Check reports whether Create would work, as far as can be known without changing
// anything: it creates and opens nothing, and never waits.
func Check(path string) error {
	t, err := lookUp(osFS{}, path)
	if err != nil {
		return pathError("create", path, err)
	}
	return pathError("create", path, t.check())
}

// Resolve returns the one canonical name of the file that Create would make or
// replace, whatever symbolic links path passes through.
func Resolve(path string) (string, error) {
	t, err := lookUp(osFS{}, path)
	if err != nil || t.inherited {
		return t.name, pathError("create", path, err)
	}
	dir, err := filepath.EvalSymlinks(t.dir + ".")
	if err == nil {
		dir, err = filepath.Abs(dir)
	}
	return filepath.Join(dir, t.name[len(t.dir):]), pathError("create", path, err)
}

func create(p fsys, path, prefix string) (*File, error) {
	t, err := lookUp(p, path)
	if err == nil {
		var f *File
		if f, err = t.create(p, prefix); err == nil {
			f.path = path
			return f, nil
		}
	}
	return nil, pathError("create", path, err)
}

// InPlace reports whether writes are visible at once. Such a file may be a pipe, where
// Write blocks for as long as the reader does.
func (f *File) InPlace() bool { return f.final == "" }

// Write writes to the file, as an [io.Writer] does.
func (f *File) Write(b []byte) (int, error) {
	if f.f == nil {
		return 0, pathError("write", f.path, fs.ErrClosed)
	}
	n, err := f.f.Write(b)
	if err != nil {
		f.err = pathError("write", f.path, err)
		return n, f.err
	}
	return n, nil
}

// Commit makes the file appear under its name and closes it. After a failed Write it
// returns that error instead. No error touches an earlier file.
func (f *File) Commit() error {
	if f.f == nil {
		return pathError("commit", f.path, fs.ErrClosed)
	}
	err := f.f.Close()
	f.f = nil
	if f.err != nil {
		err = f.err
	}
	if f.final == "" {
		return pathError("write", f.path, err)
	}
	if err == nil {
		err = f.fsys.Rename(f.temp, f.final)
	}
	if err != nil {
		_ = f.fsys.Remove(f.temp)
	}
	return pathError("write", f.path, err)
}

// Close without Commit removes the file, except for what was written in place. After
// Commit, or a second time, it does nothing.
func (f *File) Close() error {
	if f.f == nil {
		return nil
	}
	err := f.f.Close()
	f.f = nil
	if f.final != "" {
		err = errors.Join(err, f.fsys.Remove(f.temp))
	}
	return pathError("close", f.path, err)
}

// pathError names the path that the caller gave, not the temporary of the system
// call.
func pathError(op, path string, err error) error {
	if err == nil {
		return nil
	}
	var inner *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &inner):
		if inner.Path == path {
			return inner
		}
		err = inner.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return &fs.PathError{Op: op, Path: path, Err: err}
}
