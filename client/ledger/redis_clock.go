package ledger

import (
	"sync"
	"sync/atomic"
	"time"
)

// serverClock is the clock of a server as seen from here: a span in which the
// server's time must lie. Each exchange narrows the span, and the drift between two
// clocks since then widens it. Slots are waited for by the early end of the span and
// recorded by the late one. No request then comes early, however far apart the
// machines are.
type serverClock struct {
	local func() instant
	since atomic.Int64 // the instant at which every outgoing IP counts as used: see redis_epoch.go

	mu          sync.Mutex
	at          instant       // local time of the latest exchange
	early, late time.Duration // the server's time less the local one, then
	known       bool
}

// drift is how many seconds it takes two clocks to be a second apart: 200 ppm, twice
// what a bad crystal does.
const drift = 5000

func newServerClock(local func() instant) *serverClock {
	if local == nil {
		local = systemClock().now
	}
	c := &serverClock{local: local}
	c.since.Store(int64(never))
	return c
}

// now is the earliest that the server's time can be.
func (c *serverClock) now() instant {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.local()
	return t.add(c.early - t.sub(c.at)/drift)
}

// latest is the latest that the server's time can be.
func (c *serverClock) latest() instant {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.local()
	return t.add(c.late + t.sub(c.at)/drift)
}

// fresh reports whether an exchange was so lately that drift is no matter.
func (c *serverClock) fresh() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.local().sub(c.at) < leaseRenew
}

// observe takes note that the server said its time between two local instants. A span
// that excludes the one before means that a clock was set.
func (c *serverClock) observe(sent, received, server instant) {
	c.mu.Lock()
	defer c.mu.Unlock()
	early, late := server.sub(received), server.add(time.Microsecond).sub(sent)
	widened := received.sub(c.at) / drift
	if c.known && max(early, c.early-widened) <= min(late, c.late+widened) {
		early, late = max(early, c.early-widened), min(late, c.late+widened)
	}
	c.at, c.early, c.late, c.known = received, early, late, true
}
