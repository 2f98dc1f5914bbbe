package mock

import (
	"crypto/tls"
	"net"
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

	arrivals *arrivals    // of Conn; nil where the system says nothing
	unread   []byte       // already read from Conn, for the next Read
	opened   time.Time    // when the client began with it: by connecting, or by its CONNECT
	setup    atomic.Int64 // from then to the end of its handshake; 0 once a request has come
	lastRead atomic.Int64 // when the last bytes arrived, since the server started
}

func (s *Server) wrap(c net.Conn, tunnel *address, unread []byte) *conn {
	wrapped := &conn{Conn: c, server: s, tunnel: tunnel, unread: unread, opened: time.Now(), arrivals: newArrivals(c)}
	wrapped.lastRead.Store(int64(time.Since(s.started)))
	return wrapped
}

// lastArrival is when the last bytes came. It is the best estimate of a request's
// arrival: on a busy machine net/http may be scheduled much later.
func (c *conn) lastArrival() time.Time {
	if outer, ok := c.Conn.(*servedConn); ok {
		return outer.conn.lastArrival() // of what the tunnel is in, which the system times
	}
	return c.server.started.Add(time.Duration(c.lastRead.Load()))
}

// Read notes when what it reads arrived.
func (c *conn) Read(p []byte) (int, error) {
	if len(c.unread) > 0 {
		n := copy(p, c.unread)
		if c.unread = c.unread[n:]; len(c.unread) == 0 {
			c.unread = nil
		}
		return n, nil
	}
	var n int
	var ago time.Duration
	var err error
	if c.arrivals != nil && len(p) > 0 {
		n, ago, err = c.arrivals.read(p)
	} else {
		n, err = c.Conn.Read(p)
	}
	c.lastRead.Store(int64(time.Since(c.server.started) - ago))
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
		case *servedConn:
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
