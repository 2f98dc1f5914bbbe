package batch

import (
	"cmp"
	"context"
	"time"

	"smp/client"
)

// dispatcher hands lines to workers and handles what they report. A worker takes a line
// only when its session is ready, so that the next line always goes to the session that
// was ready first. While no session is ready, the pool grows.
type dispatcher struct {
	*Batch
	pool *pool
	sink Sink
	soft context.Context         // ends: begin nothing
	hard context.Context         // ends: give up what is under way
	stop context.CancelCauseFunc // ends soft

	work   chan *task       // from here to whichever worker is ready
	events chan workerEvent // from the workers
	over   chan struct{}    // closed when nothing is handed out any more

	lines   <-chan *task // nil after the last
	again   retries
	next    *task // to be handed out
	busy    int   // lines that workers have
	resting int   // workers that wait until their session is ready
	limit   concurrencyLimit
	growth  growth
	problem error // why the run stops early
}

// workerEvent is what a worker reports.
type workerEvent struct {
	kind    eventKind
	task    *task
	worker  *worker
	rests   bool          // the worker takes no line before it reports workerReady
	waited  bool          // of workerOpen: sessionWaits was reported before
	refused *client.Error // what the line's request failed with, be that final or not; nil where an answer came
	lost    error         // why the worker loses its session; nil if it keeps it
	problem error         // why the run must end; of workerOpen: why there is no session
}

type eventKind int

const (
	lineDone     eventKind = iota // the line has its result
	lineAgain                     // the line is to be tried again, when it is due
	lineOpen                      // the line is given up without a result
	sessionWaits                  // the session being opened will take a while
	workerOpen                    // a session is there, or problem is why not
	workerReady                   // the worker has rested
	workerGone                    // the session has left the pool, or the run is over
)

// maxAgain is how many lines may wait for another try before new ones are begun:
// when everything fails the whole list must not end up in memory.
func (d *dispatcher) maxAgain() int { return max(16, 2*d.growth.target) }

// run returns when no worker has a line any more and all workers are gone.
func (d *dispatcher) run(r *reading) error {
	d.work, d.events, d.over = make(chan *task), make(chan workerEvent, 64), make(chan struct{})
	d.lines, d.growth.target = r.lines, d.size()
	for !d.finished() {
		d.choose()
		if !d.offer() {
			d.grow()
			d.wait(r)
		}
	}
	if d.problem == nil {
		d.problem = context.Cause(d.soft)
	}
	d.shutDown()
	return d.problem
}

// finished says whether nothing is left to be handed out, now or later.
func (d *dispatcher) finished() bool {
	if d.problem != nil || d.soft.Err() != nil {
		return true
	}
	return d.lines == nil && d.next == nil && d.busy == 0 && len(d.again) == 0
}

// choose makes sure that there is a next line, if one is due.
func (d *dispatcher) choose() {
	if d.next == nil {
		d.next = d.again.take(time.Now())
	}
}

// offer hands the next line to a worker that is ready now.
func (d *dispatcher) offer() bool {
	if d.next == nil || !d.limit.admits(d.busy) {
		return false
	}
	select {
	case d.work <- d.next:
		d.next = nil
		d.busy++
		return true
	default:
		return false
	}
}

// grow asks for sessions where lines wait for one: for as many as there are lines.
func (d *dispatcher) grow() {
	if d.next == nil || !d.limit.admits(d.busy) {
		return
	}
	idle := d.growth.workers - d.busy - d.resting
	for range d.growth.wanted(1+len(d.lines)-idle, time.Now()) {
		d.growth.opening++
		go func() {
			waited := false
			l, err := d.pool.open(d.soft, func() { waited = true; d.events <- workerEvent{kind: sessionWaits} })
			d.events <- workerEvent{kind: workerOpen, worker: l, waited: waited, problem: err}
		}()
	}
}

// wait waits until something can go on.
func (d *dispatcher) wait(r *reading) {
	var work chan<- *task
	if d.next != nil && d.limit.admits(d.busy) {
		work = d.work
	}
	lines := d.lines
	if d.next != nil || len(d.again) >= d.maxAgain() {
		lines = nil
	}
	var due <-chan time.Time
	if until := d.until(); until > 0 {
		timer := time.NewTimer(until)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case work <- d.next:
		d.next = nil
		d.busy++
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

// until is how long it is until a line is due or a session may be asked for again;
// 0 if time alone changes nothing.
func (d *dispatcher) until() time.Duration {
	next := d.growth.pause
	if d.next == nil {
		next, _ = d.again.next()
	}
	if next.IsZero() || d.next != nil && !next.After(time.Now()) {
		return 0
	}
	return max(1, time.Until(next))
}

func (d *dispatcher) handle(e workerEvent) {
	switch e.kind {
	case sessionWaits:
		d.growth.waiting++
	case workerOpen:
		d.opened(e)
	case workerReady:
		d.rest(-1)
	case workerGone:
		d.growth.workers--
		d.count.workers(-1)
	default:
		d.takeBack(e)
	}
}

func (d *dispatcher) rest(workers int) {
	d.resting += workers
	d.count.resting(workers)
}

// takeBack takes a line back from its worker.
func (d *dispatcher) takeBack(e workerEvent) {
	if e.refused != nil && e.refused.TooManyConnections() {
		if d.limit.refused(d.busy) {
			d.notify(Crowded{Err: e.refused})
		}
	}
	d.busy--
	if e.rests {
		d.rest(+1)
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

// opened puts a new worker to work. Where no session could be opened, it decides
// whether the run ends, shrinks its pool or asks again later.
func (d *dispatcher) opened(e workerEvent) {
	d.growth.opening--
	if e.waited {
		d.growth.waiting--
	}
	switch {
	case e.problem == nil:
		d.growth.opened()
		d.count.workers(+1)
		go e.worker.serve(d)
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
	for d.growth.workers+d.growth.opening > 0 {
		select {
		case e := <-d.events:
			d.handle(e)
		case <-abandon:
			return
		}
	}
}
