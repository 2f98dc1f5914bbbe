package commands

import (
	"io"
	"os"
	"sync"

	"golang.org/x/term"
)

// Env is what a run of the program sees of its process. Tests fill one by hand;
// the zero Stdin reads nothing, and a nil Lookup finds nothing.
type Env struct {
	Stdin  io.Reader
	Stdout Stream
	Stderr Stream

	// Lookup gives the value of an environment variable, empty where it is unset:
	// an empty variable is an unset one.
	Lookup func(name string) string

	// Environ gives the whole environment as "NAME=value", for commands that start
	// another program.
	Environ func() []string

	// Begin is called once, before a command runs, and catches signals, which is
	// certain when ready returns. It is not called for help, the version, or what
	// cannot be understood, which would take a tenth longer for it. nil does nothing.
	Begin func() (ready func())

	// HoldSignals makes signals after the first leave this process alone until
	// release is called: they are meant for a COMMAND that it runs and outlives.
	// nil does nothing.
	HoldSignals func() (release func())
}

// Stream is an output with what decides how it is written to.
type Stream struct {
	io.Writer
	Terminal bool       // people read it
	Width    func() int // columns of the terminal now; nil or 0 is unknown

	// Unread says that nobody has to read for a write to end, as with a file;
	// nil for a stream whose reader may take all the time it likes.
	Unread func() bool
}

// System is the environment of this process.
func System() Env {
	return Env{
		Stdin:   os.Stdin,
		Stdout:  fileStream(os.Stdout),
		Stderr:  fileStream(os.Stderr),
		Lookup:  os.Getenv,
		Environ: os.Environ,
	}
}

func fileStream(f *os.File) Stream {
	fd := int(f.Fd())
	return Stream{
		Writer:   f,
		Terminal: term.IsTerminal(fd),
		Width: func() int {
			width, _, err := term.GetSize(fd)
			if err != nil {
				return 0
			}
			return width
		},
		Unread: sync.OnceValue(func() bool { return unread(f) }),
	}
}

// unread recognises files, and the device that forgets everything.
func unread(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode().IsRegular() {
		return err == nil
	}
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(info, null)
}

// lookup gives the value of an environment variable, empty where it is unset.
func (e Env) lookup(name string) string {
	if e.Lookup == nil {
		return ""
	}
	return e.Lookup(name)
}

// holdSignals lets a COMMAND have the signals until release is called.
func (e Env) holdSignals() (release func()) {
	if e.HoldSignals == nil {
		return func() {}
	}
	return e.HoldSignals()
}

func (e Env) begin() (ready func()) {
	if e.Begin == nil {
		return func() {}
	}
	return e.Begin()
}

// columns gives the width of a stream, 80 where it is unknown.
func (s Stream) columns() int {
	if s.Width != nil {
		if width := s.Width(); width > 0 {
			return width
		}
	}
	return 80
}
