package commands

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxSpool is how much of a pipe is kept, so that a small body has a known length
// and can be sent again.
const maxSpool = 1 << 20

// stdinClaim hands out standard input, once.
type stdinClaim struct {
	stdin io.Reader
	by    string // the argument that has it
}

// claim gives standard input to the argument by. A second one is an error: it would
// find nothing left.
func (c *stdinClaim) claim(by string) (io.Reader, error) {
	if c.by != "" {
		return nil, fmt.Errorf("both %s and %s read standard input: it can be read once", c.by, by)
	}
	c.by = by
	if c.stdin == nil {
		return strings.NewReader(""), nil
	}
	return c.stdin, nil
}

// input opens what an argument names: a file, or "-" for standard input. It is
// checked now, so that nothing is sent where it cannot be read. Regular files are
// read again from disk each time; of anything else the beginning is kept.
func input(stdin *stdinClaim, name, by string) (piece, error) {
	if name == "-" {
		r, err := stdin.claim(by)
		if err != nil {
			return piece{}, err
		}
		return spool(io.NopCloser(r))
	}
	if name == "" {
		return piece{}, fmt.Errorf("%s names no file", by)
	}
	file, err := os.Open(name)
	if err != nil {
		return piece{}, fmt.Errorf("%s: %w", by, err)
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return piece{}, fmt.Errorf("%s: %w", by, err)
	}
	if info.IsDir() {
		file.Close()
		return piece{}, fmt.Errorf("%s: %s is a directory", by, name)
	}
	if !info.Mode().IsRegular() {
		return spool(file)
	}
	file.Close()
	return piece{size: info.Size(), open: func() (io.ReadCloser, error) { return os.Open(name) }}, nil
}

// spool reads the beginning of r. If that is all of it, the piece can be sent again
// and has a size.
func spool(r io.ReadCloser) (piece, error) {
	var head bytes.Buffer
	_, err := io.CopyN(&head, r, maxSpool)
	if err == io.EOF {
		return literal(head.Bytes()), r.Close()
	}
	if err != nil {
		r.Close()
		return piece{}, err
	}
	used := false
	return piece{size: -1, once: true, open: func() (io.ReadCloser, error) {
		if used {
			return nil, errReadOnce
		}
		return &pipe{rest: io.MultiReader(&head, r), source: r, used: &used}, nil
	}}, nil
}

// pipe is what can be read once. One that nothing was read of, since the service
// refused the request without its body, can be had again.
type pipe struct {
	rest   io.Reader
	source io.Closer
	used   *bool
}

func (p *pipe) Read(b []byte) (int, error) {
	*p.used = true
	return p.rest.Read(b)
}

func (p *pipe) Close() error {
	if !*p.used {
		return nil
	}
	return p.source.Close()
}

// small reads all of a piece that must fit into a header or a URL.
func small(p piece, by string) ([]byte, error) {
	r, err := p.open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", by, err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxSpool+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", by, err)
	}
	if len(b) > maxSpool {
		return nil, fmt.Errorf("%s is larger than %d bytes", by, maxSpool)
	}
	return b, nil
}
