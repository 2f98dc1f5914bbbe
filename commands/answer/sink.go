package answer

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

// Sink is one output: a file that appears on commit, or stdout. The zero sink
// discards. A write blocked on a slow reader is abandoned when ctx ends; later writes
// are discarded.
type Sink struct {
	w       io.Writer
	File    *durable.File // nil: stdout, or nothing
	Visible bool          // bytes may have reached an output that cannot be undone
}

// Open begins the output named, "-" being stdout and the empty name none. The caller
// closes it.
func (s *Sink) Open(ctx context.Context, stdout *term.Output, name string) error {
	switch name {
	case "":
		return nil
	case "-":
		s.w = stdout.Unguarded()
		return nil
	}
	file, err := term.Await(ctx, func() (*durable.File, error) { return durable.Create(name) })
	if err == nil {
		s.w, s.File = file, file
	}
	return err
}

// WriteText writes text.
func (s *Sink) WriteText(ctx context.Context, text string) error {
	if s.w == nil {
		return nil
	}
	_, err := s.Fill(ctx, func(w io.Writer) (*Tally, error) {
		_, err := io.WriteString(w, text)
		return nil, err
	})
	return err
}

// Copy copies src to the output and counts what was copied.
func (s *Sink) Copy(ctx context.Context, src io.Reader, digest bool) (*Tally, error) {
	t, err := s.Fill(ctx, func(w io.Writer) (*Tally, error) { return Copy(w, src, digest) })
	return cmp.Or(t, newTally(digest)), err
}

// Fill runs write. Unless the output is a regular file, a slow reader may block write,
// and the end of ctx abandons it.
func (s *Sink) Fill(ctx context.Context, write func(w io.Writer) (*Tally, error)) (*Tally, error) {
	w := s.w
	if s.File != nil && !s.File.InPlace() {
		return write(w)
	}
	s.Visible = true
	t, err := term.Await(ctx, func() (*Tally, error) { return write(w) })
	if errors.As(err, new(*term.AbandonedError)) {
		*s = Sink{Visible: true}
	}
	return t, err
}

// Commit makes the file appear.
func (s *Sink) Commit() error {
	if s.File == nil {
		return nil
	}
	return s.File.Commit()
}

// Close removes a file that was not committed.
func (s *Sink) Close() {
	if s.File != nil {
		_ = s.File.Close()
	}
}

// copyBuffer is the size of the pieces in which a body is copied: that of the
// connection's read buffer. Smaller ones cost system calls, larger ones caches.
const copyBuffer = 128 << 10

// Tally counts bytes and, if that is wanted, takes their digest.
type Tally struct {
	bytes int64
	hash  hash.Hash // nil: no digest is wanted
}

func newTally(digest bool) *Tally {
	if digest {
		return &Tally{hash: sha256.New()}
	}
	return &Tally{}
}

func (t *Tally) add(p []byte) {
	t.bytes += int64(len(p))
	if t.hash != nil {
		t.hash.Write(p)
	}
}

// sum is the digest in hexadecimal, empty where nobody asked.
func (t *Tally) sum() string {
	if t.hash == nil {
		return ""
	}
	return hex.EncodeToString(t.hash.Sum(nil))
}

// Copy copies src to dst, each piece as it comes, and counts what it wrote, with a
// digest if that is wanted. Errors are those of src or dst, unchanged.
func Copy(dst io.Writer, src io.Reader, digest bool) (*Tally, error) {
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
