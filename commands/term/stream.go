// Package term is how smp talks to people and to pipes. It has standard input,
// claimed once; standard output as lines, JSON or a [Table]; and messages on standard
// error. It makes text of servers safe to show.
//
// A pipe that nobody reads, or that nobody writes to, blocks a call for ever. [Await] runs
// such a call in a goroutine, and abandons it when the context ends.
package term

import (
	"io"
	"os"
	"sync"

	"golang.org/x/term"
)

// Stream is an output and what decides how it is written to.
type Stream struct {
	io.Writer
	Terminal bool       // people read it
	Width    func() int // columns of the terminal now; nil or 0 is unknown
	Height   func() int // lines of the terminal now; nil or 0 is unknown

	// NeverBlocks says that a write waits for no reader, as with a file. Nil is a
	// stream whose reader may take as long as it likes.
	NeverBlocks func() bool
}

// Lookup returns the value of an environment variable, empty where it is unset.
type Lookup func(name string) string

// File is the stream of an open file.
func File(f *os.File) Stream {
	fd := int(f.Fd())
	return Stream{
		Writer:      f,
		Terminal:    term.IsTerminal(fd),
		Width:       func() int { width, _, _ := term.GetSize(fd); return max(width, 0) },
		Height:      func() int { _, height, _ := term.GetSize(fd); return max(height, 0) },
		NeverBlocks: sync.OnceValue(func() bool { return neverBlocks(f) }),
	}
}

// neverBlocks recognises regular files and the null device.
func neverBlocks(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode().IsRegular() {
		return err == nil
	}
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(info, null)
}

// Lines is the height of a stream, 24 where it is unknown.
func (s Stream) Lines() int {
	if s.Height != nil {
		if height := s.Height(); height > 0 {
			return height
		}
	}
	return 24
}

// Columns is the width of a stream, 80 where it is unknown.
func (s Stream) Columns() int {
	if s.Width != nil {
		if width := s.Width(); width > 0 {
			return width
		}
	}
	return 80
}
