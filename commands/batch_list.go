package commands

import (
	"context"
	"fmt"
	"io"
	"os"

	"smp/client/batch"
	"smp/commands/cli"
	"smp/commands/term"
)

// listFile is the list of a batch.
type listFile struct {
	io.Reader
	file *os.File // nil: standard input
	name string
}

// openList opens the list before anything is sent.
func openList(stdin *term.Stdin, name string) (*listFile, error) {
	if name == "-" {
		r, err := stdin.Claim("the list")
		return &listFile{Reader: r, name: "standard input"}, err
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a directory", name)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &listFile{Reader: f, file: f, name: name}, nil
}

func (l *listFile) close() {
	if l.file != nil {
		l.file.Close()
	}
}

// again reports whether the list can be read twice: whether it is a regular file.
func (l *listFile) again() bool {
	if l.file == nil {
		return false
	}
	info, err := l.file.Stat()
	return err == nil && info.Mode().IsRegular()
}

// rewind goes back to the start of a list that can be read again.
func (l *listFile) rewind() error {
	_, err := l.file.Seek(0, io.SeekStart)
	return err
}

// survey reads the whole list, calls each for every line that is not done, and
// returns the number of lines. It ends with ctx. A pipe may block it for as long as
// nobody writes.
func (l *listFile) survey(ctx context.Context, done *batch.Done, each func(*batch.Line)) (lines int, err error) {
	r := batch.NewReader(l)
	for ctx.Err() == nil {
		line, err := r.Next()
		if err == io.EOF {
			return lines, r.Complete(done)
		}
		if err != nil {
			return lines, l.unreadable(err)
		}
		skip, err := done.Skip(line)
		if err != nil {
			return lines, err
		}
		lines++
		if !skip {
			each(line)
		}
	}
	return lines, context.Cause(ctx)
}

func (l *listFile) unreadable(err error) error {
	return cli.Usagef("the list %s cannot be read: %v", l.name, err)
}
