package commands

import (
	"context"
	"io"

	"smp/client/durable"
)

// sink is one output: a file that appears on commit, or stdout. The zero value is
// no output: all of it does nothing. Readers that keep it waiting do not keep a
// signal from ending the program: then it becomes no output.
type sink struct {
	w    io.Writer
	file *durable.File // nil: stdout, or nothing
	seen bool          // something may have been written that shows at once
}

// open begins the output named, "-" being stdout and the empty name none.
func (s *sink) open(ctx context.Context, stdout *output, name string) error {
	switch name {
	case "":
		return nil
	case "-":
		s.w = stdout.unguarded()
		return nil
	}
	var file *durable.File
	done, err := interruptibly(ctx, func() (err error) {
		file, err = durable.Create(name)
		return err
	})
	if done && err == nil {
		s.w, s.file = file, file
	}
	return err
}

func (s *sink) write(ctx context.Context, text string) error {
	if s.w == nil {
		return nil
	}
	return s.fill(ctx, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// pass copies src to the output, and adds it to t where that comes to an end.
func (s *sink) pass(ctx context.Context, src io.Reader, t *tally) error {
	count := *t
	err := s.fill(ctx, func(w io.Writer) error { return pass(w, src, &count) })
	if s.w != nil {
		*t = count
	}
	return err
}

// fill writes, interruptibly where a reader may be slow. Only regular files have
// none.
func (s *sink) fill(ctx context.Context, write func(w io.Writer) error) error {
	w := s.w
	if s.file != nil && !s.file.InPlace() {
		return write(w)
	}
	s.seen = true
	done, err := interruptibly(ctx, func() error { return write(w) })
	if !done {
		*s = sink{seen: true}
	}
	return err
}

func (s *sink) commit() error {
	if s.file == nil {
		return nil
	}
	return s.file.Commit()
}

// close leaves no trace of a file that was not committed.
func (s *sink) close() {
	if s.file != nil {
		_ = s.file.Close()
	}
}
