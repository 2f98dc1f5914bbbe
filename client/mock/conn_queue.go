package mock

import (
	"crypto/tls"
	"net"
	"sync"
	"time"
)

// How long a connection may do nothing: longer than any client that still wants
// something. It is short enough that forgotten connections do not pile up.
const (
	firstByteLimit = 10 * time.Minute // until its first byte
	headLimit      = 2 * time.Minute  // for a handshake, and for the head of a request
	idleLimit      = 30 * time.Minute // between two requests
)

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

// Close implements net.Listener. Connections that net/http does not have yet
// are closed.
func (q *connQueue) Close() error {
	q.once.Do(func() {
		close(q.closed)
		q.mu.Lock()
		defer q.mu.Unlock()
		for c := range q.pending {
			_ = c.Close()
		}
	})
	return nil
}

// enqueue waits for the first byte, and for the handshake if one begins, and
// passes the connection on to net/http.
func (q *connQueue) enqueue(c *conn, config *tls.Config) {
	if !q.track(c) {
		_ = c.Close()
		return
	}
	ready, err := q.open(c, config)
	q.untrack(c)
	if err != nil {
		_ = c.Close()
		return
	}
	select {
	case q.conns <- ready:
	case <-q.closed:
		_ = ready.Close()
	}
}

// open makes of a new connection what net/http is given.
func (q *connQueue) open(c *conn, config *tls.Config) (*servedConn, error) {
	_ = c.SetReadDeadline(time.Now().Add(firstByteLimit))
	first, err := c.peek()
	if err != nil {
		return nil, err
	}
	served := &servedConn{Conn: c, conn: c}
	if first == firstOfTLS {
		_ = c.SetDeadline(time.Now().Add(headLimit))
		secure := tls.Server(c, config)
		if err := secure.Handshake(); err != nil {
			return nil, err
		}
		c.setup.Store(int64(time.Since(c.opened)))
		state := secure.ConnectionState()
		served.Conn, served.tls = secure, &state
	}
	return served, c.SetDeadline(time.Time{})
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
