package commands

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
)

// copyBuffer is the size of the pieces a body is passed on in. It matches the
// connection's read buffer: smaller ones cost system calls, larger ones caches.
const copyBuffer = 256 << 10

// tally counts what passes, and takes its digest where somebody wants it.
type tally struct {
	bytes int64
	hash  hash.Hash // nil: nobody asked
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
