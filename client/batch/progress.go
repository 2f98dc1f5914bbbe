package batch

import (
	"maps"
	"sync"
	"time"
)

// Progress is how far a run is.
type Progress struct {
	Counts
	Total   int           // lines of the whole list; 0 for unknown
	Elapsed time.Duration // since Run was called, until it returned
	Rate    float64       // lines done a second
	Left    time.Duration // an estimate; negative for unknown
	Bound   time.Duration // the least time that the lines done need for the delay, see Load.Duration
}

// Progress may be asked for at any time, also when the run is over.
func (b *Batch) Progress() Progress {
	t := &b.count
	t.mu.Lock()
	defer t.mu.Unlock()
	p := Progress{Counts: t.counts(), Total: b.Total, Left: -1}
	if t.started.IsZero() {
		return p
	}
	now := t.ended
	if now.IsZero() {
		now = time.Now()
	}
	p.Elapsed = now.Sub(t.started)
	done := p.Succeeded + p.Failed
	if p.Elapsed > 0 {
		p.Rate = float64(done) / p.Elapsed.Seconds()
	}
	p.Bound = Load{max(0, t.shortest): done - p.Failures[classInput]}.Duration(p.IPs)
	if b.Total > 0 {
		pool := p.Sessions // there may be fewer than were asked for
		if pool == 0 {
			pool = b.size()
		}
		p.Left = timeLeft(b.Total-p.Skipped-done, p.Rate, pool, t.meanDelay())
	}
	return p
}

// size is how many sessions there may be.
func (b *Batch) size() int {
	if len(b.Given) > 0 {
		return len(b.Given)
	}
	return max(1, b.Sessions)
}

// meanDelay of the lines so far. The caller holds mu.
func (t *tally) meanDelay() time.Duration {
	if n := t.Lines - t.Skipped; n > 0 {
		return t.delays / time.Duration(n)
	}
	return 0
}

// timeLeft estimates how long lines will take: by the rate, and at least what the delay
// demands. The rate alone is too high at the start, when each session's first request
// waits for nothing.
func timeLeft(lines int, rate float64, sessions int, delay time.Duration) time.Duration {
	if lines <= 0 {
		return 0
	}
	rounds := (lines + sessions - 1) / sessions
	least := time.Duration(rounds) * delay
	if rate <= 0 {
		if delay == 0 {
			return -1
		}
		return least
	}
	return max(least, time.Duration(float64(lines)/rate*float64(time.Second)))
}

// tally counts what happens in a run. It is safe for concurrent use.
type tally struct {
	mu sync.Mutex
	Counts
	ips      map[string]struct{}
	started  time.Time
	ended    time.Time
	delays   time.Duration
	shortest time.Duration // delay of any line; negative before the first
}

// Counts say how far a run is.
type Counts struct {
	Lines     int            // read so far, blank ones and comments left out
	Skipped   int            // of them: done by earlier runs
	Succeeded int            // of them: in this run
	Failed    int            // of them: finally
	Failures  map[string]int // Failed by class: input, target, credentials, session, later, upstream, network, hopeless, other
	Retried   int            // repetitions
	Requests  int            // of lines that are done
	Bytes     int64          // of bodies that were kept
	Waited    time.Duration  // for slots, over all sessions

	Sessions int // in the pool now
	Resting  int // of them: waiting for their next slot
	Made     int
	Adopted  int
	Lost     int // found dead or banned
	Kept     int // could not be deleted
	IPs      int // outgoing IPs seen
}

func (t *tally) init() {
	t.Failures, t.ips, t.shortest = map[string]int{}, map[string]struct{}{}, -1
}

func (t *tally) locked(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f()
}

func (t *tally) begin() { t.locked(func() { t.started = time.Now() }) }
func (t *tally) end()   { t.locked(func() { t.ended = time.Now() }) }

func (t *tally) read(skipped bool) {
	t.locked(func() {
		t.Lines++
		if skipped {
			t.Skipped++
		}
	})
}

func (t *tally) delay(d time.Duration) {
	t.locked(func() {
		t.delays += d
		if t.shortest < 0 || d < t.shortest {
			t.shortest = d
		}
	})
}

func (t *tally) failed(class string) {
	t.locked(func() {
		t.Failed++
		t.Failures[class]++
	})
}

func (t *tally) succeeded(r *Record) {
	t.locked(func() {
		t.Succeeded++
		t.Bytes += r.Bytes
	})
}

// attempted adds what a line took.
func (t *tally) attempted(r *Record) {
	t.locked(func() {
		t.Requests += r.Attempts
		if r.IP != "" {
			t.ips[r.IP] = struct{}{}
		}
	})
}

// woken counts workers that have rested, and how long they did in all.
func (t *tally) woken(n int, rested time.Duration) {
	t.locked(func() {
		t.Resting -= n
		t.Waited += rested
	})
}

func (t *tally) retried()      { t.locked(func() { t.Retried++ }) }
func (t *tally) workers(n int) { t.locked(func() { t.Sessions += n }) }
func (t *tally) resting(n int) { t.locked(func() { t.Resting += n }) }
func (t *tally) made()         { t.locked(func() { t.Made++ }) }
func (t *tally) adopted(n int) { t.locked(func() { t.Adopted = n }) }
func (t *tally) lost()         { t.locked(func() { t.Lost++ }) }
func (t *tally) kept()         { t.locked(func() { t.Kept++ }) }

// counts gives a copy.
func (t *tally) counts() Counts {
	c := t.Counts
	c.Failures = maps.Clone(t.Failures)
	c.IPs = len(t.ips)
	return c
}
