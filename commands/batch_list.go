package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"smp/client/batch"
	"smp/commands/term"
)

// listFile is the list of a batch.
type listFile struct {
	io.Reader
	file *os.File // nil: standard input
	name string
}

// openList opens the list, so that one that cannot be read is found before
// anything is sent.
func openList(stdin *term.Stdin, name string) (*listFile, error) {
	if name == "-" {
		r, err := stdin.Claim("the list")
		return &listFile{Reader: r, name: "standard input"}, err
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || info.IsDir() {
		f.Close()
		return nil, errors.Join(err, fmt.Errorf("%s is a directory", name))
	}
	return &listFile{Reader: f, file: f, name: name}, nil
}

func (l *listFile) close() {
	if l.file != nil {
		l.file.Close()
	}
}

// again says whether the list can be read a second time.
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

// survey reads the whole list. each is told every line that is not done. The survey
// ends early with ctx, be it that the list is long or that nobody writes to the pipe
// that it is.
func (l *listFile) survey(ctx context.Context, done *batch.Done, each func(*batch.Line)) (int, error) {
	lines := 0
	_, err := interruptibly(ctx, func() (err error) {
		lines, err = l.readThrough(ctx, done, each)
		return err
	})
	if err != nil {
		return 0, err
	}
	return lines, nil
}

func (l *listFile) readThrough(ctx context.Context, done *batch.Done, each func(*batch.Line)) (lines int, err error) {
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
	return usagef("the list %s cannot be read: %v", l.name, err)
}
