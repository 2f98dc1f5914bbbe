package batch

import (
	"cmp"
	"context"
	"time"

	"smp/client"
)

// dispatcher hands lines to lanes and hears what became of them. A lane asks for a
// line only when its session is ready, so that the line at hand always goes to the
// session that was ready first; while none is, the pool grows.
type dispatcher struct {
	*Batch
	pool *pool
	sink Sink
	soft context.Context         // ends: begin nothing
	hard context.Context         // ends: give up what is under way
	stop context.CancelCauseFunc // ends soft

	hand chan *work    // from here to whichever lane is ready
	news chan news     // from the lanes
	over chan struct{} // closed when nothing is handed out any more

	lines   <-chan *work // nil after the last
	again   retries
	next    *work // to be handed out
	busy    int   // lines that lanes have
	resting int   // lanes that wait until their session is ready
	crowd   crowd
	growth  growth
	problem error // why the run stops early
}

// news is what a lane tells.
type news struct {
	kind    newsKind
	work    *work
	lane    *lane
	rests   bool          // the lane takes no line before it tells laneReady
	waited  bool          // of laneOpen: laneWaits was told before
	refused *client.Error // what the line met with, done or not; nil for nothing
	lost    error         // why the lane loses its session; nil if it stays
	problem error         // ends the run; of laneOpen: no session was to be had
}

type newsKind int

const (
	lineDone  newsKind = iota // it has its result
	lineAgain                 // it is to be tried again, when it is due
	lineOpen                  // it is given up without a result
	laneWaits                 // a session is not to be had before a while
	laneOpen                  // a session is there, or problem is why not
	laneReady                 // it has rested
	laneGone                  // its session has left the pool, or the run is over
)

// maxAgain is how many lines may wait for another try before new ones are begun:
// when everything fails the whole list must not end up in memory.
func (d *dispatcher) maxAgain() int { return max(16, 2*d.growth.target) }

// run returns when no lane has a line any more and all lanes are gone.
func (d *dispatcher) run(r *reading) error {
	d.hand, d.news, d.over = make(chan *work), make(chan news, 64), make(chan struct{})
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

// offer hands the next line to a lane that is ready now.
func (d *dispatcher) offer() bool {
	if d.next == nil || !d.crowd.admits(d.busy) {
		return false
	}
	select {
	case d.hand <- d.next:
		d.next = nil
		d.busy++
		return true
	default:
		return false
	}
}

// grow asks for sessions where lines wait for one: for as many as there are lines.
func (d *dispatcher) grow() {
	if d.next == nil || !d.crowd.admits(d.busy) {
		return
	}
	idle := d.growth.lanes - d.busy - d.resting
	for range d.growth.wanted(1+len(d.lines)-idle, time.Now()) {
		d.growth.opening++
		go func() {
			waited := false
			l, err := d.pool.open(d.soft, func() { waited = true; d.news <- news{kind: laneWaits} })
			d.news <- news{kind: laneOpen, lane: l, waited: waited, problem: err}
		}()
	}
}

// wait waits until something can go on.
func (d *dispatcher) wait(r *reading) {
	var hand chan<- *work
	if d.next != nil && d.crowd.admits(d.busy) {
		hand = d.hand
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
	case hand <- d.next:
		d.next = nil
		d.busy++
	case w, more := <-lines:
		d.next = w
		if !more {
			d.lines, d.problem = nil, r.err
		}
	case n := <-d.news:
		d.hear(n)
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

func (d *dispatcher) hear(n news) {
	switch n.kind {
	case laneWaits:
		d.growth.waiting++
	case laneOpen:
		d.opened(n)
	case laneReady:
		d.rest(-1)
	case laneGone:
		d.growth.lanes--
		d.count.lanes(-1)
	default:
		d.heard(n)
	}
}

func (d *dispatcher) rest(lanes int) {
	d.resting += lanes
	d.count.resting(lanes)
}

// heard takes a line back from its lane.
func (d *dispatcher) heard(n news) {
	if n.refused != nil && n.refused.TooManyConnections() {
		if d.crowd.refused(d.busy) {
			d.notify(Crowded{Err: n.refused})
		}
	}
	d.busy--
	if n.rests {
		d.rest(+1)
	}
	if d.problem == nil {
		d.problem = n.problem
	}
	switch n.kind {
	case lineAgain:
		d.again.add(n.work)
	case lineDone:
		d.crowd.served()
	}
}

// opened puts a new lane to work, or decides what a session that is not to be had
// means for the run.
func (d *dispatcher) opened(n news) {
	d.growth.opening--
	if n.waited {
		d.growth.waiting--
	}
	switch {
	case n.problem == nil:
		d.growth.opened()
		d.count.lanes(+1)
		go n.lane.serve(d)
	case d.soft.Err() != nil:
		return
	default:
		final, later := d.growth.refused(n.problem, d.Job.Retry, d.Fetcher.BackOff)
		if final {
			d.problem = n.problem
			return
		}
		if later {
			d.notify(NoSession{Err: n.problem})
		}
	}
	if err := d.growth.settled(); err != nil {
		d.notify(PoolShrunk{Sessions: d.growth.target, Err: err})
	}
}

// abandonTime is what lanes get to leave once their requests are given up. One that
// does not hangs in a write that nobody reads.
const abandonTime = time.Second

// shutDown waits for the lanes to leave. What they still report is heard, but
// nothing follows from it.
func (d *dispatcher) shutDown() {
	d.stop(cmp.Or(d.problem, errOver))
	close(d.over)
	abandon := make(chan struct{})
	context.AfterFunc(d.hard, func() {
		time.AfterFunc(abandonTime, func() { close(abandon) })
	})
	for d.growth.lanes+d.growth.opening > 0 {
		select {
		case n := <-d.news:
			d.hear(n)
		case <-abandon:
			return
		}
	}
}
