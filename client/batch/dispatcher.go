package batch

import (
	"context"
	"time"
)

// dispatcher gives lines to workers and handles what they report. A worker is given a
// line only when its session is ready, so that the next line always goes to the session
// that was ready first. While no session is ready, the pool grows. A worker that waits
// for its session is an entry in a heap, and costs neither a goroutine nor a timer.
type dispatcher struct {
	*Batch
	pool *pool
	sink Sink
	soft context.Context         // ends: begin nothing
	hard context.Context         // ends: give up what is under way
	stop context.CancelCauseFunc // ends soft

	events chan event
	over   chan struct{} // closed when nothing is begun any more

	free []chan<- assignment // of goroutines that wait for another one

	lines   <-chan *task // buffered: its length is how many were read ahead; nil after the last
	again   retries
	next    *task // to be given to a worker
	workers schedule
	made    newcomers
	busy    int // lines that workers have
	leaving int // workers whose sessions are being deleted
	limit   concurrencyLimit
	growth  growth
	problem error // why the run stops early
}

// maxAgain bounds the lines that wait for another try: while so many wait, no new ones
// are begun. When everything fails, the whole list must not end up in memory.
func (d *dispatcher) maxAgain() int { return max(16, 2*d.growth.target) }

// run returns when no worker has a line any more and all workers are gone.
func (d *dispatcher) run(r *reading) error {
	d.events, d.over = make(chan event, 64), make(chan struct{})
	d.lines, d.growth.target = r.lines, d.size()
	d.made.patience = d.lead(d.pool.delay())
	for {
		now := time.Now()
		d.choose(now, r)
		if d.finished() {
			break
		}
		if !d.begin() {
			d.grow(now)
			d.enlist(now)
			d.wait(r)
		}
	}
	if d.problem == nil {
		d.problem = context.Cause(d.soft)
	}
	d.shutDown()
	return d.problem
}

// finished reports whether nothing is left to be handed out, now or later.
func (d *dispatcher) finished() bool {
	if d.problem != nil || d.soft.Err() != nil {
		return true
	}
	return d.lines == nil && d.next == nil && d.busy == 0 && len(d.again) == 0
}

// choose makes sure that there is a next line, if one is due, and that the workers
// whose sessions are ready can be given it.
func (d *dispatcher) choose(now time.Time, r *reading) {
	if d.next == nil {
		d.next = d.again.take(now)
	}
	select {
	case t, more := <-d.newLines():
		d.take(t, more, r)
	default:
	}
	d.workers.leaveSlow(now)
	if woken, rested := d.workers.wake(now); woken > 0 {
		d.count.woken(woken, rested)
	}
}

// begin gives the next line to the worker that was ready first.
func (d *dispatcher) begin() bool {
	if d.next == nil || !d.limit.admits(d.busy) {
		return false
	}
	w := d.workers.take(mostStarting(d.size(), d.Fetcher.FastestDial()))
	if w == nil {
		return false
	}
	t := d.next
	d.next = nil
	d.busy++
	d.assign(assignment{w, t})
	return true
}

// newLines is where the next line comes from; nil while none is wanted.
func (d *dispatcher) newLines() <-chan *task {
	if d.next != nil || len(d.again) >= d.maxAgain() {
		return nil
	}
	return d.lines
}

// take takes in what was received from lines.
func (d *dispatcher) take(t *task, more bool, r *reading) {
	d.next = t
	if !more {
		d.lines, d.problem = nil, r.err
	}
}

// grow asks for sessions where lines wait for one: for as many as there are lines.
func (d *dispatcher) grow(now time.Time) {
	if d.next == nil || !d.limit.admits(d.busy) {
		return
	}
	for range d.growth.wanted(1+len(d.lines)-d.workers.ready(), now) {
		d.growth.opening++
		go func() {
			d.events <- d.pool.open(d.soft, func() { d.events <- event{kind: sessionWaits} })
		}()
	}
}

// enlist has new sessions written down together, so that they can be used.
func (d *dispatcher) enlist(now time.Time) {
	if group := d.made.take(d.growth.asking() > 0, now); group != nil {
		go func() { d.events <- d.pool.enlist(group) }()
	}
}

// wait waits until something can go on. Mostly something has happened already, and then
// there is no need of a timer.
func (d *dispatcher) wait(r *reading) {
	select {
	case e := <-d.events:
		d.handle(e)
		return
	default:
	}
	var due <-chan time.Time
	if until, timed := d.until(); timed {
		timer := time.NewTimer(until)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case t, more := <-d.newLines():
		d.take(t, more, r)
	case e := <-d.events:
		d.handle(e)
	case <-due:
	case <-d.soft.Done():
	}
}

// until returns how long it takes until time alone changes something. Such a change
// is a session that is ready, a line that is due, or the end of a wait for
// sessions.
func (d *dispatcher) until() (wait time.Duration, timed bool) {
	var first time.Time
	sooner := func(t time.Time) {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	now := time.Now()
	if d.next == nil {
		due, _ := d.again.next()
		sooner(due)
	} else {
		sooner(d.workers.nextSlow())
		if d.growth.pause.After(now) {
			sooner(d.growth.pause)
		}
	}
	sooner(d.workers.next())
	sooner(d.made.next())
	return max(1, first.Sub(now)), !first.IsZero()
}
