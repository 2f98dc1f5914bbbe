package paced

import (
	"net/url"
	"slices"
	"sync"
	"time"

	"smp/client"
)

// maxIdle bounds the connections that wait for another request.
const maxIdle = 256

// idlePool holds connections that wait for another request of their session. The
// zero value is ready for use. It is safe for concurrent use.
type idlePool struct {
	mu    sync.Mutex
	conns []*idleConn // the longest idle first
}

type idleConn struct {
	session string
	conn    *client.Conn
	expiry  *time.Timer
}

// take gives a connection of the session that leads to target; nil for none.
func (p *idlePool) take(session string, target *url.URL) *client.Conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, c := range slices.Backward(p.conns) {
		if c.session == session && c.conn.Serves(target) {
			p.conns = slices.Delete(p.conns, i, i+1)
			c.expiry.Stop()
			return c.conn
		}
	}
	return nil
}

// put keeps a connection for limit.
func (p *idlePool) put(session string, conn *client.Conn, limit time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := &idleConn{session: session, conn: conn}
	c.expiry = time.AfterFunc(limit, func() { p.drop(c) })
	p.conns = append(p.conns, c)
	if len(p.conns) > maxIdle {
		oldest := p.conns[0]
		p.conns = slices.Delete(p.conns, 0, 1)
		oldest.expiry.Stop()
		oldest.conn.Close()
	}
}

// drop closes a connection unless it was taken meanwhile.
func (p *idlePool) drop(c *idleConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.conns, c); i >= 0 {
		p.conns = slices.Delete(p.conns, i, i+1)
		c.conn.Close()
	}
}

func (p *idlePool) closeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.expiry.Stop()
		c.conn.Close()
	}
	p.conns = nil
}
