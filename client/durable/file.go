// Package durable writes files that appear whole or not at all, and logs whose
// every line is whole.
//
// What it promises holds against the end of the process, however it ends, and
// against a full disk. It calls no fsync and so promises nothing against a
// power cut.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// File is a file in the making. Nobody sees it before Commit, unless it is
// written in place (see [Create]). It is not safe for concurrent use.
type File struct {
	path  string // as the caller named it, for messages
	place place
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
// A path that exists and is no regular file (a device, a FIFO, an inherited
// descriptor as /dev/fd/3 or /dev/stdout) is written in place; opening a FIFO
// waits for its reader. A directory is an error.
//
// Every error is an *fs.PathError that names path. The caller closes the File.
func Create(path string) (*File, error) {
	return create(anywhere{}, path)
}

// CreateIn is Create for a name inside root. Neither the name nor a symbolic
// link on the way leads outside of it; a directory in name must exist.
func CreateIn(root *os.Root, name string) (*File, error) {
	return create(rooted{root}, name)
}

// Check says whether Create would work, as far as that can be known without
// touching anything: it creates, opens and waits for nothing.
func Check(path string) error {
	t, err := find(anywhere{}, path)
	if err != nil {
		return failed("create", path, err)
	}
	return failed("create", path, t.check())
}

// Resolve gives the one name of what Create would make or replace: all paths that
// lead there, through symbolic links or not, have the same.
func Resolve(path string) (string, error) {
	t, err := find(anywhere{}, path)
	if err != nil || t.inherited {
		return t.name, failed("create", path, err)
	}
	dir, err := filepath.EvalSymlinks(t.dir + ".")
	if err == nil {
		dir, err = filepath.Abs(dir)
	}
	return filepath.Join(dir, t.name[len(t.dir):]), failed("create", path, err)
}

func create(p place, path string) (*File, error) {
	t, err := find(p, path)
	if err == nil {
		var f *File
		if f, err = t.create(p); err == nil {
			f.path = path
			return f, nil
		}
	}
	return nil, failed("create", path, err)
}

// InPlace says whether what is written shows at once. Such a file may be a pipe,
// whose Write waits for as long as its reader likes.
func (f *File) InPlace() bool { return f.final == "" }

// Write writes to the file, as an [io.Writer] does.
func (f *File) Write(b []byte) (int, error) {
	if f.f == nil {
		return 0, failed("write", f.path, fs.ErrClosed)
	}
	n, err := f.f.Write(b)
	if err != nil {
		f.err = failed("write", f.path, err)
		return n, f.err
	}
	return n, nil
}

// Commit makes the file appear under its name and closes it. It does nothing
// of the kind after a failed Write, whose error it then returns; an earlier
// file is untouched by any error.
func (f *File) Commit() error {
	if f.f == nil {
		return failed("commit", f.path, fs.ErrClosed)
	}
	err := f.f.Close()
	f.f = nil
	if f.err != nil {
		err = f.err
	}
	if f.final == "" {
		return failed("write", f.path, err)
	}
	if err == nil {
		err = f.place.Rename(f.temp, f.final)
	}
	if err != nil {
		_ = f.place.Remove(f.temp)
	}
	return failed("write", f.path, err)
}

// Close without Commit leaves no trace of the file, but for what was written
// in place. After Commit, or a second time, it does nothing.
func (f *File) Close() error {
	if f.f == nil {
		return nil
	}
	err := f.f.Close()
	f.f = nil
	if f.final != "" {
		err = errors.Join(err, f.place.Remove(f.temp))
	}
	return failed("close", f.path, err)
}

// failed names the path that the caller gave, not the temporary that the
// system call was about.
func failed(op, path string, err error) error {
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
