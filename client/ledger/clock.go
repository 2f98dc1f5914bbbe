package ledger

import (
	"math"
	"time"
)

// instant is a time on the ledger's clock, in nanoseconds.
type instant int64

// never lies before every instant, and far enough from the edge for sums.
const never instant = -1 << 61

// add does not pass the last instant: a delay may be for ever.
func (t instant) add(d time.Duration) instant {
	if sum := t + instant(d); d < 0 || sum >= t {
		return sum
	}
	return math.MaxInt64
}

func (t instant) sub(u instant) time.Duration { return time.Duration(t - u) }

// clock tells the time since the machine was booted, suspend included, because
// the wall clock may be set while requests are queued. boot tells one boot from
// another; 0 means that now survives a reboot.
type clock struct {
	now  func() instant
	boot uint64
}

// wall converts an instant for people.
func (c clock) wall(t instant) time.Time {
	if t <= never/2 {
		return time.Time{}
	}
	return time.Now().Add(t.sub(c.now()))
}

// processClock goes by time.Now without its jumps.
func processClock() func() instant {
	base := time.Now()
	return func() instant { return instant(base.UnixNano()).add(time.Since(base)) }
}

// stamp is when a record was written, on both clocks.
type stamp struct {
	boot uint64
	at   instant
	wall int64
}

func (c clock) stamp(now instant) stamp {
	return stamp{boot: c.boot, at: now, wall: time.Now().UnixNano()}
}

// shift is what to add to the instants of a record with stamp s so that they
// hold on this clock: 0, unless the machine was booted since or the clock went
// back. Then the wall clock says how much time passed, but never less than
// none, so that no wait grows.
func (c clock) shift(s stamp, now instant) time.Duration {
	if s.boot == c.boot && s.at <= now {
		return 0
	}
	passed := max(0, time.Now().UnixNano()-s.wall)
	return now.sub(s.at) - time.Duration(passed)
}

// moved shifts t, leaving never where it is.
func (t instant) moved(d time.Duration) instant {
	if t <= never/2 {
		return never
	}
	return t.add(d)
}
