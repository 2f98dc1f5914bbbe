package batch

import (
	"cmp"
	"context"
	"time"

	"smp/client"
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

	lines   <-chan *task // nil after the last
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

// event is what happened to a worker, its line, or a session on its way to the pool.
type event struct {
	kind     eventKind
	task     *task
	worker   *worker
	sessions []*poolSession // of sessionMade, sessionOpen and sessionsRecorded
	failed   *client.Error  // what the line's request failed with, be that final or not; nil where an answer came
	lost     error          // why the worker loses its session; nil if it keeps it
	waited   bool           // of sessionOpen: sessionWaits was reported before
	problem  error          // ends the run; of a session: why there is none
}

type eventKind int

const (
	lineDone         eventKind = iota // the line has its result
	lineAgain                         // the line is to be tried again, when it is due
	lineUnfinished                    // the line is given up without a result
	lineSent                          // the line's first request has left
	sessionWaits                      // the session being opened will take a while
	sessionMade                       // the service made a session, which is not written down yet
	sessionOpen                       // a session may be used, or problem is why not
	sessionsRecorded                  // those that were made may be used, or problem is why not
	workerGone                        // the session has left the pool
)

// maxAgain is how many lines may wait for another try before new ones are begun:
// when everything fails the whole list must not end up in memory.
func (d *dispatcher) maxAgain() int { return max(16, 2*d.growth.target) }

// run returns when no worker has a line any more and all workers are gone.
func (d *dispatcher) run(r *reading) error {
	d.events, d.over = make(chan event, 64), make(chan struct{})
	d.lines, d.growth.target = r.lines, d.size()
	d.made.patience = d.lead(d.pool.delay())
	for !d.finished() {
		d.choose()
		if !d.begin() {
			d.grow()
			d.enlist()
			d.wait(r)
		}
	}
	if d.problem == nil {
		d.problem = context.Cause(d.soft)
	}
	d.shutDown()
	return d.problem
}

// report sends an event, unless nothing is begun any more.
func (d *dispatcher) report(e event) {
	select {
	case d.events <- e:
	case <-d.over:
	}
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
func (d *dispatcher) choose() {
	now := time.Now()
	if d.next == nil {
		d.next = d.again.take(now)
	}
	if woken, rested := d.workers.wake(now); woken > 0 {
		d.count.woken(woken, rested)
	}
}

// begin gives the next line to the worker that was ready first.
func (d *dispatcher) begin() bool {
	if d.next == nil || !d.limit.admits(d.busy) {
		return false
	}
	w := d.workers.take()
	if w == nil {
		return false
	}
	t := d.next
	d.next = nil
	d.busy++
	go func() { d.events <- w.do(d, t) }()
	return true
}

// grow asks for sessions where lines wait for one: for as many as there are lines.
func (d *dispatcher) grow() {
	if d.next == nil || !d.limit.admits(d.busy) {
		return
	}
	for range d.growth.wanted(1+len(d.lines)-d.workers.ready(), time.Now()) {
		d.growth.opening++
		go func() {
			d.events <- d.pool.open(d.soft, func() { d.events <- event{kind: sessionWaits} })
		}()
	}
}

// enlist has new sessions written down together, so that they can be used.
func (d *dispatcher) enlist() {
	if group := d.made.take(d.growth.asking() > 0, time.Now()); group != nil {
		go func() { d.events <- d.pool.enlist(group) }()
	}
}

// wait waits until something can go on.
func (d *dispatcher) wait(r *reading) {
	lines := d.lines
	if d.next != nil || len(d.again) >= d.maxAgain() {
		lines = nil
	}
	var due <-chan time.Time
	if until, timed := d.until(); timed {
		timer := time.NewTimer(until)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case t, more := <-lines:
		d.next = t
		if !more {
			d.lines, d.problem = nil, r.err
		}
	case e := <-d.events:
		d.handle(e)
	case <-due:
	case <-d.soft.Done():
	}
}

// until is how long it is until time alone changes something: a session is ready, a
// line is due, sessions may be asked for again or are waited for no longer.
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
	} else if d.growth.pause.After(now) {
		sooner(d.growth.pause)
	}
	sooner(d.workers.next())
	sooner(d.made.next())
	return max(1, first.Sub(now)), !first.IsZero()
}

func (d *dispatcher) handle(e event) {
	switch e.kind {
	case lineSent:
		d.workers.sent(e.worker)
	case sessionWaits:
		d.growth.waiting++
	case sessionMade:
		d.growth.made++
		d.made.add(e.sessions[0], time.Now())
	case sessionOpen:
		d.growth.opening--
		if e.waited {
			d.growth.waiting--
		}
		d.opened(e)
	case sessionsRecorded:
		d.growth.opening -= d.made.enlisting
		d.growth.made -= d.made.enlisting
		d.made.enlisting = 0
		d.opened(e)
	case workerGone:
		d.leaving--
		d.growth.workers--
		d.count.workers(-1)
	default:
		d.takeBack(e)
	}
}

// takeBack takes a line back from its worker.
func (d *dispatcher) takeBack(e event) {
	if e.failed != nil && e.failed.TooManyConnections() {
		if d.limit.refused(d.busy) {
			d.notify(Crowded{Err: e.failed})
		}
	}
	d.busy--
	d.workers.sent(e.worker)
	switch {
	case e.lost != nil:
		d.leave(e.worker, e.lost)
	case d.workers.put(e.worker):
		d.count.resting(+1)
	}
	if d.problem == nil {
		d.problem = e.problem
	}
	switch e.kind {
	case lineAgain:
		d.again.add(e.task)
	case lineDone:
		d.limit.served()
	}
}

// leave takes a worker out of the pool, which may take as long as deleting its session.
func (d *dispatcher) leave(w *worker, why error) {
	d.leaving++
	go func() {
		w.Close()
		d.pool.leave(w.poolSession, why)
		d.events <- event{kind: workerGone}
	}()
}

// opened puts new workers to work. Where no session could be opened, it decides
// whether the run ends, shrinks its pool or asks again later.
func (d *dispatcher) opened(e event) {
	d.growth.opened(len(e.sessions))
	d.count.workers(len(e.sessions))
	for _, s := range e.sessions {
		d.workers.add(newWorker(s))
	}
	switch {
	case e.problem == nil:
	case d.soft.Err() != nil:
		return
	default:
		final, later := d.growth.refused(e.problem, d.Job.Retry, d.Fetcher.BackOff)
		if final {
			d.problem = e.problem
			return
		}
		if later {
			d.notify(NoSession{Err: e.problem})
		}
	}
	if err := d.growth.settled(); err != nil {
		d.notify(PoolShrunk{Sessions: d.growth.target, Err: err})
	}
}

// abandonTime is how long workers may take to end after their requests were given up.
// A worker that takes longer hangs in a write that nobody reads.
const abandonTime = time.Second

// shutDown waits for the workers to end. Their last events are counted, but nothing
// follows from them.
func (d *dispatcher) shutDown() {
	d.stop(cmp.Or(d.problem, errOver))
	close(d.over)
	abandon := make(chan struct{})
	context.AfterFunc(d.hard, func() {
		time.AfterFunc(abandonTime, func() { close(abandon) })
	})
	for {
		for _, w := range d.workers.clear() {
			d.end(w)
		}
		if d.busy+d.leaving+d.growth.asking()+d.growth.waiting+d.made.enlisting == 0 {
			return
		}
		select {
		case e := <-d.events:
			d.handle(e)
		case <-abandon:
			return
		}
	}
}

// end takes a worker out of the pool when the run is over.
func (d *dispatcher) end(w *worker) {
	w.Close()
	d.pool.leave(w.poolSession, errOver)
	d.growth.workers--
	d.count.workers(-1)
	if !w.ready.IsZero() {
		d.count.resting(-1)
	}
}
