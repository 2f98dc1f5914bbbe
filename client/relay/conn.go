package relay

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"
)

// firstOfTLS is the byte with which every TLS client begins, and no HTTP one.
const firstOfTLS = 0x16

// conn is a client's connection, or what runs inside the tunnel that one became. It
// lies under a tls.Conn, never over it, so that net/http sees the TLS.
type conn struct {
	net.Conn
	defaults defaults
	tunnel   string // HOST:PORT of the CONNECT; "" at the relay's own port
	unread   []byte // taken from the connection before its reader came
}

func (c *conn) Read(p []byte) (int, error) {
	if len(c.unread) == 0 {
		return c.Conn.Read(p)
	}
	n := copy(p, c.unread)
	c.unread = c.unread[n:]
	return n, nil
}

// CloseWrite lets net/http end an answer gracefully while the client still sends.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// peek returns the next byte without taking it.
func (c *conn) peek() (byte, error) {
	if len(c.unread) == 0 {
		var first [1]byte
		if _, err := c.Conn.Read(first[:]); err != nil {
			return 0, err
		}
		c.unread = first[:]
	}
	return c.unread[0], nil
}

type connKey struct{}

// withConn is an http.Server's ConnContext.
func withConn(ctx context.Context, c net.Conn) context.Context {
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn()
	}
	return context.WithValue(ctx, connKey{}, c)
}

func connOf(ctx context.Context) *conn { return ctx.Value(connKey{}).(*conn) }

// connQueue is the listener of net/http: connections come into it when they are
// accepted and, once more, when they have become tunnels.
type connQueue struct {
	conns  chan net.Conn
	closed chan struct{}

	mu      sync.Mutex
	pending map[net.Conn]struct{} // tunnels that have not said a byte yet
}

func newConnQueue() *connQueue {
	return &connQueue{conns: make(chan net.Conn), closed: make(chan struct{}), pending: map[net.Conn]struct{}{}}
}

// Accept implements net.Listener.
func (q *connQueue) Accept() (net.Conn, error) {
	select {
	case c := <-q.conns:
		return c, nil
	case <-q.closed:
		return nil, net.ErrClosed
	}
}

// Addr implements net.Listener.
func (q *connQueue) Addr() net.Addr { return &net.TCPAddr{} }

// Close implements net.Listener. Tunnels that nothing has come through yet are
// closed. It may be called more than once.
func (q *connQueue) Close() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case <-q.closed:
		return nil
	default:
	}
	close(q.closed)
	for c := range q.pending {
		_ = c.Close()
	}
	return nil
}

// enqueue hands a connection to net/http.
func (q *connQueue) enqueue(c net.Conn) {
	select {
	case q.conns <- c:
	case <-q.closed:
		_ = c.Close()
	}
}

// enqueueTunnel waits for a tunnel's first byte, which tells whether TLS is spoken
// in it, and hands it to net/http.
func (q *connQueue) enqueueTunnel(c *conn, config *tls.Config) {
	first, err := q.firstByte(c)
	switch {
	case err != nil:
		_ = c.Close()
	case first == firstOfTLS:
		q.enqueue(tls.Server(c, config))
	default:
		q.enqueue(c)
	}
}

var errQueueClosed = errors.New("the relay is closed")

func (q *connQueue) firstByte(c *conn) (byte, error) {
	if !q.track(c) {
		return 0, errQueueClosed
	}
	defer q.untrack(c)
	_ = c.SetReadDeadline(time.Now().Add(idlePatience))
	defer c.SetReadDeadline(time.Time{})
	return c.peek()
}

func (q *connQueue) track(c net.Conn) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case <-q.closed:
		return false
	default:
		q.pending[c] = struct{}{}
		return true
	}
}

func (q *connQueue) untrack(c net.Conn) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.pending, c)
}
