package commands

import (
	"io"

	"smp/client/durable"
)

// sink is one output: a file that appears on commit, or stdout. The zero value is
// no output: all of it does nothing.
type sink struct {
	w    io.Writer
	file *durable.File // nil: stdout, or nothing
}

// open begins the output named, "-" being stdout and the empty name none.
func (s *sink) open(stdout *output, name string) error {
	switch name {
	case "":
	case "-":
		s.w = stdout
	default:
		file, err := durable.Create(name)
		if err != nil {
			return err
		}
		s.w, s.file = file, file
	}
	return nil
}

func (s *sink) write(text string) error {
	if s.w == nil {
		return nil
	}
	_, err := io.WriteString(s.w, text)
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
