package batch

import (
	"time"

	"smp/client"
)

// event is what happened to a worker, its line, or a session on its way to the pool.
type event struct {
	kind     eventKind
	task     *task
	worker   *worker
	sessions []*poolSession    // of sessionMade, sessionOpen and sessionsRecorded
	free     chan<- assignment // of the goroutine that fetched the line
	failed   *client.Error     // what the line's request failed with, be that final or not; nil where an answer came
	lost     error             // why the worker loses its session; nil if it keeps it
	waited   bool              // of sessionOpen: sessionWaits was reported before
	problem  error             // ends the run; of a session: why there is none
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

// report sends an event, unless nothing is begun any more.
func (d *dispatcher) report(e event) {
	select {
	case d.events <- e:
	case <-d.over:
	}
}

// handle carries out what follows from an event.
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
	d.release(e.free)
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
		d.pool.remove(w.poolSession, why)
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
