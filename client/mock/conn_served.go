package mock

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
)

// servedConn is a connection as net/http has it: a conn, or the TLS over one.
// It puts the service's headers on the answers that net/http makes itself,
// for which no handler is asked.
type servedConn struct {
	net.Conn
	conn *conn
	tls  *tls.ConnectionState // nil without TLS

	serving  atomic.Bool // a handler is at work
	answered atomic.Bool // the answer to what was read last is a handler's
}

// begin notes that a handler answers, until the returned function is called.
func (c *servedConn) begin() (end func()) {
	c.answered.Store(true)
	c.serving.Store(true)
	return func() { c.serving.Store(false) }
}

func (c *servedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.serving.Load() {
		c.answered.Store(false)
	}
	return n, err
}

func (c *servedConn) Write(p []byte) (int, error) {
	if c.answered.Load() || !isOwnAnswer(p) {
		return c.Conn.Write(p)
	}
	if _, err := c.Conn.Write(c.conn.server.ownAnswer(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// CloseWrite lets net/http end an answer gracefully while the client is still
// sending.
func (c *servedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// isOwnAnswer recognizes what net/http answers to a request that it refuses: a
// whole answer without a date, except that a refused Expect has one.
func isOwnAnswer(p []byte) bool {
	head, _, whole := bytes.Cut(p, []byte("\r\n\r\n"))
	return whole && bytes.HasPrefix(head, []byte("HTTP/1.1 ")) &&
		(bytes.HasPrefix(head, []byte("HTTP/1.1 417 ")) || !bytes.Contains(head, []byte("\r\nDate: ")))
}

// ownAnswer is an answer of net/http's own as the service would make it.
func (s *Server) ownAnswer(p []byte) []byte {
	status, _ := strconv.Atoi(string(p[len("HTTP/1.1 "):][:3]))
	_, body, _ := bytes.Cut(p, []byte("\r\n\r\n"))
	r := &refusal{status: status, body: string(body)}
	if status == http.StatusRequestHeaderFieldsTooLarge {
		r = &tooLarge
	}
	if s.cfg.isZyte() {
		r = r.asProblem()
	}
	h := (&exchange{s: s, r: &http.Request{}}).refusalHeader(r)
	h.Set("Connection", "close")
	return head(r.status, r.reason(), h, s.text(r))
}

type connKey struct{}

// withConn is an http.Server's ConnContext.
func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

func servedOf(ctx context.Context) *servedConn { return ctx.Value(connKey{}).(*servedConn) }

// connOf is the conn of a request.
func connOf(ctx context.Context) *conn { return servedOf(ctx).conn }
