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
	target  int // most lanes there should be
	lanes   int
	opening int
	waiting int       // of opening: until a name may get another session
	strikes int       // refusals in a row
	pause   time.Time // nothing is asked for before
	shrunk  error     // why target is less than it was; nil once told
}

// wanted is how many more sessions to ask for when so many lines wait that no lane
// is free for.
func (g *growth) wanted(lines int, now time.Time) int {
	if g.pause.After(now) {
		return 0
	}
	asking := g.opening - g.waiting
	return max(0, min(lines-asking, g.target-g.lanes-g.opening, maxOpening-asking))
}

func (g *growth) opened() {
	g.lanes++
	g.strikes = 0
}

// refused decides what follows when a session was not to be had: final says that
// the run cannot go on, since not even one is there and none is to be expected,
// later that it is worth asking again.
func (g *growth) refused(err error, retry int, backOff func(n int) time.Duration) (final, later bool) {
	failed, _ := errors.AsType[*client.Error](err)
	alone := g.lanes == 0 && g.opening == 0
	switch {
	case failed == nil || failed.Class == client.Credentials:
		return true, false
	case failed.SessionLimit():
		g.shrink(g.lanes+g.opening, err)
		return alone, false
	}
	g.strikes++
	g.pause = time.Now().Add(backOff(g.strikes - 1))
	return alone && (g.strikes > retry || !failed.Repeatable()), true
}

func (g *growth) shrink(to int, err error) {
	if to < g.target {
		g.target, g.shrunk = to, err
	}
}

// settled gives, once, the reason why the pool is smaller than it should be, when
// no session is asked for any more.
func (g *growth) settled() error {
	if g.opening > g.waiting {
		return nil
	}
	err := g.shrunk
	g.shrunk = nil
	return err
}
