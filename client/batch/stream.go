package batch

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// maxInline bounds a body that is part of its record: a reader of the stream has
// to hold it too.
const maxInline = 8 << 20

// Stream is a [Sink] that writes records with their bodies inside, one JSON object
// a line, as they are finished.
type Stream struct {
	mu  sync.Mutex
	dst io.Writer
}

// NewStream writes to dst, in one Write a record.
func NewStream(dst io.Writer) *Stream { return &Stream{dst: dst} }

func (s *Stream) keep(_ *Line, record *Record, body io.Reader) error {
	var inline strings.Builder
	if err := copyBody(&boundedWriter{dst: &inline, left: maxInline}, body, record); err != nil {
		return err
	}
	record.inline(inline.String())
	return nil
}

func (s *Stream) write(record *Record) error {
	return record.encoded(func(line []byte) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		_, err := s.dst.Write(append(line, '\n'))
		return err
	})
}

func (s *Stream) finished() *Done       { return nil }
func (s *Stream) sessions() *sessionLog { return nil }

// boundedWriter refuses a body that is too big to be inline.
type boundedWriter struct {
	dst  io.Writer
	left int
}

func (w *boundedWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, &bodyError{&TooBigError{Limit: maxInline}}
	}
	return w.dst.Write(p)
}

// TooBigError says that a body does not fit into its record.
type TooBigError struct{ Limit int64 }

func (e *TooBigError) Error() string {
	return fmt.Sprintf("the body is over %d MiB, too big for a line of JSON", e.Limit>>20)
}
