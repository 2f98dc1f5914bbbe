package mock

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// firstOfTLS is the byte with which every TLS client begins, and no HTTP one.
const firstOfTLS = 0x16

// conn is a client's connection, or what runs inside a tunnel of one. It lies
// under a tls.Conn, never over it, so that net/http still sees the TLS.
type conn struct {
	net.Conn
	server *Server
	tunnel *address // where the CONNECT led; nil at the endpoint itself

	unread []byte       // taken from the connection before its reader came
	heard  atomic.Int64 // when bytes last came in, since the server was born
}

func (s *Server) wrap(c net.Conn, tunnel *address, unread []byte) *conn {
	wrapped := &conn{Conn: c, server: s, tunnel: tunnel, unread: unread}
	wrapped.heard.Store(int64(time.Since(s.born)))
	return wrapped
}

// Read notes the time, which is as close to a request's arrival as a program
// gets: net/http may be scheduled much later on a busy machine.
func (c *conn) Read(p []byte) (int, error) {
	if len(c.unread) > 0 {
		n := copy(p, c.unread)
		if c.unread = c.unread[n:]; len(c.unread) == 0 {
			c.unread = nil
		}
		return n, nil
	}
	n, err := c.Conn.Read(p)
	c.heard.Store(int64(time.Since(c.server.born)))
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

// abort closes the connection the hard way, with a TCP reset where there is TCP.
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

// beneath returns the conn under what net/http was given.
func beneath(c net.Conn) *conn {
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn()
	}
	return c.(*conn)
}

// intake hands connections to net/http: those that were accepted and, once
// more, those that became tunnels.
type intake struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once

	mu      sync.Mutex
	pending map[net.Conn]struct{} // have not said a byte yet
}

func newIntake() *intake {
	return &intake{
		conns:   make(chan net.Conn),
		closed:  make(chan struct{}),
		pending: make(map[net.Conn]struct{}),
	}
}

// Accept implements net.Listener.
func (in *intake) Accept() (net.Conn, error) {
	select {
	case c := <-in.conns:
		return c, nil
	case <-in.closed:
		return nil, net.ErrClosed
	}
}

// Addr implements net.Listener.
func (in *intake) Addr() net.Addr { return &net.TCPAddr{} }

// Close implements net.Listener. Connections that net/http does not have yet
// are closed.
func (in *intake) Close() error {
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

// deliver waits for the first byte, puts TLS over the connection if that is
// what it says, and hands it to net/http.
func (in *intake) deliver(c *conn, config *tls.Config) {
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

func (in *intake) hold(c net.Conn) bool {
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

func (in *intake) release(c net.Conn) {
	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.pending, c)
}

type connKey struct{}

// withConn is an http.Server's ConnContext.
func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, beneath(c))
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
