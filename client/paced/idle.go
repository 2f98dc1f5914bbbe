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

// idlePool holds connections that wait for another request: of their session, or of
// any where they have none. The zero value is ready for use. It is safe for concurrent
// use.
type idlePool struct {
	mu    sync.Mutex
	conns []*idleConn // the longest idle first
}

type idleConn struct {
	session string
	conn    *client.Conn
	lease   lease // of the lane that left the connection
	expiry  *time.Timer
}

// take gives a connection of the session that leads to target; nil for none.
func (p *idlePool) take(session string, target *url.URL) *idleConn {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, c := range slices.Backward(p.conns) {
		if c.session == session && c.conn.Serves(target) {
			p.conns = slices.Delete(p.conns, i, i+1)
			c.expiry.Stop()
			return c
		}
	}
	return nil
}

// put keeps c until it is taken, or for limit, when expired is called. It returns the
// connection that c displaced, for the caller to discard; nil for none.
func (p *idlePool) put(c *idleConn, limit time.Duration, expired func(*idleConn)) (displaced *idleConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.expiry = time.AfterFunc(limit, func() {
		if p.remove(c) {
			expired(c)
		}
	})
	p.conns = append(p.conns, c)
	if len(p.conns) <= maxIdle {
		return nil
	}
	displaced = p.conns[0]
	p.conns = slices.Delete(p.conns, 0, 1)
	displaced.expiry.Stop()
	return displaced
}

// remove reports whether c was still there, and not taken meanwhile.
func (p *idlePool) remove(c *idleConn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.conns, c)
	if i >= 0 {
		p.conns = slices.Delete(p.conns, i, i+1)
	}
	return i >= 0
}

func (p *idlePool) takeAll() []*idleConn {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.conns
	p.conns = nil
	for _, c := range all {
		c.expiry.Stop()
	}
	return all
}
