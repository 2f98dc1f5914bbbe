package mock

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// firstOfTLS is the first byte of a TLS handshake. No HTTP request begins with it.
const firstOfTLS = 0x16

// conn is a client's connection, or a CONNECT tunnel inside one. A tls.Conn
// wraps it and never the reverse, so that net/http still sees the TLS.
type conn struct {
	net.Conn
	server *Server
	tunnel *address // target of the CONNECT; nil outside tunnels

	unread   []byte       // already read from Conn, for the next Read
	lastRead atomic.Int64 // time of the last bytes, since the server started
}

func (s *Server) wrap(c net.Conn, tunnel *address, unread []byte) *conn {
	wrapped := &conn{Conn: c, server: s, tunnel: tunnel, unread: unread}
	wrapped.lastRead.Store(int64(time.Since(s.started)))
	return wrapped
}

// Read notes the time: it is the best estimate of a request's arrival. On a busy
// machine net/http may be scheduled much later.
func (c *conn) Read(p []byte) (int, error) {
	if len(c.unread) > 0 {
		n := copy(p, c.unread)
		if c.unread = c.unread[n:]; len(c.unread) == 0 {
			c.unread = nil
		}
		return n, nil
	}
	n, err := c.Conn.Read(p)
	c.lastRead.Store(int64(time.Since(c.server.started)))
	return n, err
}

// CloseWrite lets net/http end an answer gracefully while the client is still
// sending.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// abort closes the connection at once, with a TCP reset where there is TCP.
func (c *conn) abort() {
	inner := c.Conn
	for {
		switch at := inner.(type) {
		case *conn:
			inner = at.Conn
			continue
		case *tls.Conn:
			inner = at.NetConn()
			continue
		case *net.TCPConn:
			_ = at.SetLinger(0)
		}
		_ = inner.Close()
		return
	}
}

// peek returns the next byte without taking it.
func (c *conn) peek() (byte, error) {
	var first [1]byte
	if _, err := c.Read(first[:]); err != nil {
		return 0, err
	}
	c.unread = append(first[:], c.unread...)
	return first[0], nil
}

// unwrapConn returns the conn that net/http's connection wraps.
func unwrapConn(c net.Conn) *conn {
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn()
	}
	return c.(*conn)
}

// connQueue is the listener of net/http. It passes on accepted connections and,
// as connections of their own, tunnels.
type connQueue struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once

	mu      sync.Mutex
	pending map[net.Conn]struct{} // no byte has come yet
}

func newConnQueue() *connQueue {
	return &connQueue{
		conns:   make(chan net.Conn),
		closed:  make(chan struct{}),
		pending: make(map[net.Conn]struct{}),
	}
}

// Accept implements net.Listener.
func (in *connQueue) Accept() (net.Conn, error) {
	select {
	case c := <-in.conns:
		return c, nil
	case <-in.closed:
		return nil, net.ErrClosed
	}
}

// Addr implements net.Listener.
func (in *connQueue) Addr() net.Addr { return &net.TCPAddr{} }

// Close implements net.Listener. Connections that net/http does not have yet
// are closed.
func (in *connQueue) Close() error {
	in.once.Do(func() {
		close(in.closed)
		in.mu.Lock()
		defer in.mu.Unlock()
		for c := range in.pending {
			_ = c.Close()
		}
	})
	return nil
}

// enqueue waits for the first byte, wraps the connection in TLS if a handshake
// begins, and passes it on to net/http.
func (in *connQueue) enqueue(c *conn, config *tls.Config) {
	if !in.hold(c) {
		_ = c.Close()
		return
	}
	first, err := c.peek()
	in.release(c)
	if err != nil {
		_ = c.Close()
		return
	}
	var ready net.Conn = c
	if first == firstOfTLS {
		ready = tls.Server(c, config)
	}
	select {
	case in.conns <- ready:
	case <-in.closed:
		_ = c.Close()
	}
}

func (in *connQueue) hold(c net.Conn) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	select {
	case <-in.closed:
		return false
	default:
		in.pending[c] = struct{}{}
		return true
	}
}

func (in *connQueue) release(c net.Conn) {
	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.pending, c)
}

type connKey struct{}

// withConn is an http.Server's ConnContext.
func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, unwrapConn(c))
}

func connOf(ctx context.Context) *conn { return ctx.Value(connKey{}).(*conn) }

// presumedHost is the host of a client that names none: the one that its tunnel
// leads to, else the address that it called.
func presumedHost(hello *tls.ClientHelloInfo) string {
	if c, ok := hello.Conn.(*conn); ok && c.tunnel != nil {
		return c.tunnel.host
	}
	return localHost(hello.Conn)
}

func localHost(c net.Conn) string {
	host, _, err := net.SplitHostPort(c.LocalAddr().String())
	if err != nil {
		return "localhost"
	}
	return host
}
