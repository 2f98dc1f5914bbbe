package batch

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"sync"
)

// Sink takes what a run fetches. Its methods are unexported: it is implemented by [Dir]
// and [Stream] only. It is safe for concurrent use.
type Sink interface {
	// keep reads the body of a line's answer to its end. A *bodyError says that
	// the body broke off or is too big; any other error that it could not be kept.
	keep(line *Line, record *Record, body io.Reader) error

	// write writes the record of a line.
	write(record *Record) error

	finished() *Done       // lines that earlier runs have done; nil for none
	sessions() *sessionLog // nil for none
}

// bodyError is a failure of the body itself, not of the place it goes to.
type bodyError struct{ err error }

func (e *bodyError) Error() string { return e.err.Error() }
func (e *bodyError) Unwrap() error { return e.err }

// copier copies bodies and digests them on the way.
type copier struct {
	buf [64 << 10]byte
	sum hash.Hash
}

var copiers = sync.Pool{New: func() any { return &copier{sum: sha256.New()} }}

// copyBody copies a body to dst and notes its length and digest in record.
func copyBody(dst io.Writer, body io.Reader, record *Record) error {
	c := copiers.Get().(*copier)
	defer copiers.Put(c)
	c.sum.Reset()
	n, err := c.copy(dst, body)
	if err != nil {
		return err
	}
	record.Bytes, record.SHA256 = n, hex.EncodeToString(c.sum.Sum(nil))
	return nil
}

func (c *copier) copy(dst io.Writer, body io.Reader) (int64, error) {
	var total int64
	for {
		n, err := body.Read(c.buf[:])
		if n > 0 {
			total += int64(n)
			c.sum.Write(c.buf[:n])
			if _, err := dst.Write(c.buf[:n]); err != nil {
				return total, err
			}
		}
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, &bodyError{err}
		}
	}
}
