package batch

import "time"

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

// timeLeft estimates how long lines will take. A rate alone is too good at the
// start, when each session has its first request free: what the delay demands is
// the least.
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
