package relay

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"sync"
)

// Buffers of a copy: a large body wants large pieces, and many small ones little memory.
const (
	smallPiece = 32 << 10
	largePiece = 256 << 10
	largeBody  = 1 << 20
)

// pieces are buffers that copies take turns with. The zero value is ready for use.
type pieces struct{ small, large sync.Pool }

// copy copies a body whose length is length, -1 for unknown.
func (p *pieces) copy(to io.Writer, from io.Reader, length int64) (int64, error) {
	pool, size := &p.small, smallPiece
	if length >= largeBody {
		pool, size = &p.large, largePiece
	}
	piece, ok := pool.Get().(*[]byte)
	if !ok {
		fresh := make([]byte, size)
		piece = &fresh
	}
	defer pool.Put(piece)
	return io.CopyBuffer(to, struct{ io.Reader }{from}, *piece) // without a WriteTo, which would bring its own buffer
}

// copy streams the target's answer to the client.
func (s *Server) copy(w http.ResponseWriter, x *Exchange) {
	resp := x.Result.Response
	x.Status, x.Header = resp.Status, resp.Header
	h := w.Header()
	incoming(h, resp.Header, s.cfg.Expose)
	if resp.Decoded { // the service's coding, which the client did not ask for
		delete(h, "Content-Encoding")
		delete(h, "Content-Length")
	}
	if _, typed := h["Content-Type"]; !typed {
		h["Content-Type"] = nil // or net/http would guess one
	}
	w.WriteHeader(resp.Status)
	var digest hash.Hash
	if s.cfg.Hash {
		digest = sha256.New()
	}
	to := &clientWriter{w: w, control: http.NewResponseController(w), digest: digest}
	if resp.Length < 0 {
		to.err = to.control.Flush() // of an answer that may never end the head comes first
	}
	n, err := s.pieces.copy(to, resp.Body, resp.Length)
	x.Bytes = n
	switch {
	case to.err != nil:
		x.Left = true
	case err != nil:
		x.Err = err
		_ = to.control.Flush() // what came is the client's
	case digest != nil:
		x.SHA256 = hex.EncodeToString(digest.Sum(nil))
	}
}

// clientWriter writes to the client at once: an answer may come slowly, or break off
// behind what was written. A small body still leaves in one piece with its head.
type clientWriter struct {
	w       io.Writer
	control *http.ResponseController
	digest  hash.Hash
	err     error // of the client's side
}

func (c *clientWriter) Write(p []byte) (n int, err error) {
	if n, err = c.w.Write(p); err == nil {
		err = c.control.Flush()
	}
	if c.digest != nil {
		c.digest.Write(p[:n])
	}
	c.err = err
	return n, err
}
