package commands

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"

	"smp/client/durable"
	"smp/commands/term"
)

// sink is one output: a file that appears on commit, or stdout. The zero sink
// discards. A write blocked on a slow reader is abandoned when ctx ends; later writes
// are discarded.
type sink struct {
	w       io.Writer
	file    *durable.File // nil: stdout, or nothing
	visible bool          // bytes may have reached an output that cannot be undone
}

// open begins the output named, "-" being stdout and the empty name none.
func (s *sink) open(ctx context.Context, stdout *term.Output, name string) error {
	switch name {
	case "":
		return nil
	case "-":
		s.w = stdout.Unguarded()
		return nil
	}
	file, err := term.Await(ctx, func() (*durable.File, error) { return durable.Create(name) })
	if err == nil {
		s.w, s.file = file, file
	}
	return err
}

func (s *sink) write(ctx context.Context, text string) error {
	if s.w == nil {
		return nil
	}
	_, err := s.fill(ctx, func(w io.Writer) (*tally, error) {
		_, err := io.WriteString(w, text)
		return nil, err
	})
	return err
}

// pass copies src to the output and counts what was copied.
func (s *sink) pass(ctx context.Context, src io.Reader, digest bool) (*tally, error) {
	t, err := s.fill(ctx, func(w io.Writer) (*tally, error) { return pass(w, src, digest) })
	return cmp.Or(t, newTally(digest)), err
}

// fill runs write. Unless the output is a regular file, a slow reader may block write,
// and the end of ctx abandons it.
func (s *sink) fill(ctx context.Context, write func(w io.Writer) (*tally, error)) (*tally, error) {
	w := s.w
	if s.file != nil && !s.file.InPlace() {
		return write(w)
	}
	s.visible = true
	t, err := term.Await(ctx, func() (*tally, error) { return write(w) })
	if errors.As(err, new(*term.AbandonedError)) {
		*s = sink{visible: true}
	}
	return t, err
}

func (s *sink) commit() error {
	if s.file == nil {
		return nil
	}
	return s.file.Commit()
}

// close removes a file that was not committed.
func (s *sink) close() {
	if s.file != nil {
		_ = s.file.Close()
	}
}

// copyBuffer is the size of the pieces in which a body is copied: that of the
// connection's read buffer. Smaller ones cost system calls, larger ones caches.
const copyBuffer = 256 << 10

// tally counts bytes and, if that is wanted, takes their digest.
type tally struct {
	bytes int64
	hash  hash.Hash // nil: no digest is wanted
}

func newTally(digest bool) *tally {
	if digest {
		return &tally{hash: sha256.New()}
	}
	return &tally{}
}

func (t *tally) add(p []byte) {
	t.bytes += int64(len(p))
	if t.hash != nil {
		t.hash.Write(p)
	}
}

// sum is the digest in hexadecimal, empty where nobody asked.
func (t *tally) sum() string {
	if t.hash == nil {
		return ""
	}
	return hex.EncodeToString(t.hash.Sum(nil))
}

// pass copies src to dst, each piece as it comes, and counts what it wrote, with a
// digest if that is wanted. Errors are those of src or dst, unchanged.
func pass(dst io.Writer, src io.Reader, digest bool) (*tally, error) {
	t := newTally(digest)
	buffer := make([]byte, copyBuffer)
	for {
		n, err := src.Read(buffer)
		if n > 0 {
			t.add(buffer[:n])
			if _, err := dst.Write(buffer[:n]); err != nil {
				return t, err
			}
		}
		if err == io.EOF {
			return t, nil
		}
		if err != nil {
			return t, err
		}
	}
}
