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
	now    func() instant
	boot   uint64
	server *serverClock // whose time it is; nil: this machine's own
}

// latest is the latest that the time can be: now, unless it is a server's.
func (c clock) latest() instant {
	if c.server != nil {
		return c.server.latest()
	}
	return c.now()
}

// wallNow is the wall time that goes into records.
func (c clock) wallNow() time.Time {
	if c.server != nil {
		return time.Unix(0, int64(c.now()))
	}
	return time.Now()
}

// until is how long to sleep so that now reaches t.
func (c clock) until(t, now instant) time.Duration {
	d := t.sub(now)
	if c.server != nil && d > 0 {
		d += d/(drift-1) + 2*time.Microsecond
	}
	return d
}

// lookAfter is how old a look at a slot may be that is so far away. A look at a server
// costs many others a little.
func (c clock) lookAfter(left time.Duration) time.Duration {
	if c.server == nil || left < 2*maxNap {
		return fresh
	}
	return min(left/2, leaseRenew)
}

// usedAtLeast is when every outgoing IP was used at least, whatever its record says: never,
// unless a server may have lost records.
func (c clock) usedAtLeast() instant {
	if c.server != nil {
		return instant(c.server.since.Load())
	}
	return never
}

// wall converts an instant for people.
func (c clock) wall(t instant) time.Time {
	if t <= never/2 {
		return time.Time{}
	}
	return c.wallNow().Add(t.sub(c.now()))
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
	return stamp{boot: c.boot, at: now, wall: c.wallNow().UnixNano()}
}

// shift is what to add to the instants of a record with stamp s so that they
// hold on this clock. It is 0, unless the machine was booted since or the
// clock went back. Then the wall clock says how much time passed, but never
// less than none, so that no wait grows.
func (c clock) shift(s stamp, now instant) time.Duration {
	if s.boot == c.boot && s.at <= now.add(c.tolerance()) {
		return 0
	}
	passed := max(0, c.wallNow().UnixNano()-s.wall)
	return now.sub(s.at) - time.Duration(passed)
}

// tolerance is how far another may see the clock ahead of this process: machines see a
// server's time by as much as its answers take.
func (c clock) tolerance() time.Duration {
	if c.server != nil {
		return time.Second
	}
	return 0
}

// addUnlessNever is add, but leaves never where it is.
func (t instant) addUnlessNever(d time.Duration) instant {
	if t <= never/2 {
		return never
	}
	return t.add(d)
}
