package relay

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"sync"
)

// copySize is a compromise between large bodies, which want large pieces, and many
// connections.
const copySize = 64 << 10

var buffers = sync.Pool{New: func() any { return new([copySize]byte) }}

// copy streams the target's answer to the client.
func (s *Server) copy(w http.ResponseWriter, x *Exchange) {
	resp := x.Result.Response
	x.Status, x.Header = resp.Status, resp.Header
	h := w.Header()
	for name, values := range incoming(resp.Header, s.cfg.Expose) {
		h[name] = values
	}
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
	buffer := buffers.Get().(*[copySize]byte)
	defer buffers.Put(buffer)
	n, err := io.CopyBuffer(to, struct{ io.Reader }{resp.Body}, buffer[:])
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
