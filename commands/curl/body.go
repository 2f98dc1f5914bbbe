package curl

import (
	"bytes"
	"errors"
	"io"
	"slices"
)

// body is what a request uploads: pieces, sent one after another and never held in
// memory together.
type body []piece

// piece is a stretch of a body.
type piece struct {
	size int64                         // -1 where only reading it tells
	once bool                          // open works until something was read
	open func() (io.ReadCloser, error) // afresh from its start, or errReadOnce
}

// errReadOnce says that a body cannot be sent a second time.
var errReadOnce = errors.New("the body was read from a pipe and cannot be sent again")

// size is the length of the whole body, -1 where a piece does not tell.
func (b body) size() int64 {
	var sum int64
	for _, p := range b {
		if p.size < 0 {
			return -1
		}
		sum += p.size
	}
	return sum
}

// once reports whether the body can only be sent once.
func (b body) once() bool {
	return slices.ContainsFunc(b, func(p piece) bool { return p.once })
}

// open starts the body from its beginning. Files are opened as they are reached, so
// that a thousand of them need one descriptor. A single file comes as itself, which
// lets the system copy it.
func (b body) open() (io.ReadCloser, error) {
	if len(b) == 1 {
		return b[0].open()
	}
	return &bodyReader{rest: b}, nil
}

// bodyReader reads pieces in turn.
type bodyReader struct {
	rest    body
	current io.ReadCloser
}

func (r *bodyReader) Read(p []byte) (int, error) {
	for {
		if r.current == nil {
			if len(r.rest) == 0 {
				return 0, io.EOF
			}
			next, err := r.rest[0].open()
			if err != nil {
				return 0, err
			}
			r.current, r.rest = next, r.rest[1:]
		}
		n, err := r.current.Read(p)
		if err == io.EOF {
			err = r.closeCurrent()
		}
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
}

func (r *bodyReader) Close() error {
	r.rest = nil
	return r.closeCurrent()
}

func (r *bodyReader) closeCurrent() error {
	if r.current == nil {
		return nil
	}
	err := r.current.Close()
	r.current = nil
	return err
}

// literal is a piece that is at hand.
func literal(b []byte) piece {
	return piece{size: int64(len(b)), open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(b)), nil
	}}
}

// mapped is p with every stretch of it passed through f. Its size is found by
// reading p once, where p can be read again.
func mapped(p piece, f func(dst, src []byte) []byte) (piece, error) {
	m := piece{size: -1, once: p.once, open: func() (io.ReadCloser, error) {
		r, err := p.open()
		if err != nil {
			return nil, err
		}
		return &mapReader{src: r, f: f}, nil
	}}
	if p.size < 0 {
		return m, nil
	}
	r, err := m.open()
	if err != nil {
		return piece{}, err
	}
	defer r.Close()
	m.size, err = io.Copy(io.Discard, r)
	return m, err
}

// mapReader passes what it reads through f.
type mapReader struct {
	src  io.ReadCloser
	f    func(dst, src []byte) []byte
	in   [16 << 10]byte
	out  []byte // storage of left
	left []byte // mapped and not yet read
	err  error
}

func (r *mapReader) Read(p []byte) (int, error) {
	for len(r.left) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		var n int
		n, r.err = r.src.Read(r.in[:])
		r.out = r.f(r.out[:0], r.in[:n])
		r.left = r.out
	}
	n := copy(p, r.left)
	r.left = r.left[n:]
	return n, nil
}

func (r *mapReader) Close() error { return r.src.Close() }
