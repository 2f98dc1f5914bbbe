package batch

import (
	"errors"
	"time"

	"smp/client"
)

// maxOpening bounds the sessions that are asked for at once.
const maxOpening = 16

// growth decides when the pool asks for another session.
type growth struct {
	target   int // most workers there should be
	workers  int
	opening  int       // sessions on their way to the pool
	waiting  int       // of opening: those whose name may not be replaced yet
	made     int       // of opening: those that are not written down yet
	failures int       // refusals in a row
	pause    time.Time // nothing is asked for before
	shrunk   error     // why target is less than it was; nil once told
}

// wanted is how many more sessions to ask for while so many lines wait without a free
// worker.
func (g *growth) wanted(lines int, now time.Time) int {
	if g.pause.After(now) {
		return 0
	}
	return max(0, min(lines-g.asking()-g.made, g.target-g.workers-g.opening, maxOpening-g.asking()))
}

// asking is how many sessions are being asked for.
func (g *growth) asking() int { return g.opening - g.waiting - g.made }

// opened counts sessions that can be used.
func (g *growth) opened(n int) {
	g.workers += n
	if n > 0 {
		g.failures = 0
	}
}

// refused decides what follows when no session could be opened. final: the pool is
// empty and will stay so, and the run must end. later: it is worth asking again.
func (g *growth) refused(err error, retry int, backOff func(n int) time.Duration) (final, later bool) {
	failed, _ := errors.AsType[*client.Error](err)
	alone := g.workers == 0 && g.opening == 0
	switch {
	case failed == nil || failed.Class == client.Credentials:
		return true, false
	case failed.SessionLimit():
		g.shrink(g.workers+g.opening, err)
		return alone, false
	}
	g.failures++
	g.pause = time.Now().Add(backOff(g.failures - 1))
	return alone && (g.failures > retry || !failed.Repeatable()), true
}

func (g *growth) shrink(to int, err error) {
	if to < g.target {
		g.target, g.shrunk = to, err
	}
}

// settled returns once why the pool is smaller than was asked for, as soon as no more
// sessions are being opened.
func (g *growth) settled() error {
	if g.asking() > 0 {
		return nil
	}
	err := g.shrunk
	g.shrunk = nil
	return err
}

// concurrencyLimit bounds how many lines are under way at once. There is no limit until
// the service refuses a request for the number of others. Then the limit is one less
// than were under way, and rises slowly while lines succeed.
type concurrencyLimit struct {
	limit int // 0: none
	good  int // lines served since the limit last changed
	top   int // ceiling: reaching it lifts the limit
}

// goodPerSlot is how many lines have to succeed, for each one allowed at once, before
// the limit is raised by one.
const goodPerSlot = 10

func (c *concurrencyLimit) admits(busy int) bool { return c.limit == 0 || busy < c.limit }

// refused lowers the limit: busy requests, the refused one among them, were too many. It
// says whether there was no limit before.
func (c *concurrencyLimit) refused(busy int) (first bool) {
	first = c.limit == 0
	if first {
		c.top = busy
	}
	c.good = 0
	if bound := max(1, busy-1); first || bound < c.limit {
		c.limit = bound
	}
	return first
}

func (c *concurrencyLimit) served() {
	if c.limit == 0 {
		return
	}
	if c.good++; c.good < goodPerSlot*c.limit {
		return
	}
	c.good = 0
	if c.limit++; c.limit >= c.top {
		c.limit = 0
	}
}

// newcomers are sessions that the service has made and that are not written down yet.
// They are written down together: one by one, thousands take much longer.
type newcomers struct {
	patience  time.Duration // how long the first waits for others that are on their way
	group     []*poolSession
	until     time.Time // when it is written down at the latest
	enlisting int       // sessions being written down
}

func (n *newcomers) add(s *poolSession, now time.Time) {
	if len(n.group) == 0 {
		n.until = now.Add(n.patience)
	}
	n.group = append(n.group, s)
}

// take returns the group that is to be written down now; nil for none. While more are on
// their way it waits, but each time longer, so that a slow service delays no first line.
func (n *newcomers) take(more bool, now time.Time) []*poolSession {
	if len(n.group) == 0 || n.enlisting > 0 || more && n.until.After(now) {
		return nil
	}
	group := n.group
	n.group, n.enlisting = nil, len(group)
	n.patience *= 2
	return group
}

// next is when time alone makes a group due; zero for never.
func (n *newcomers) next() time.Time {
	if len(n.group) == 0 || n.enlisting > 0 {
		return time.Time{}
	}
	return n.until
}
