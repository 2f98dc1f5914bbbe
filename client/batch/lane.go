package batch

import (
	"errors"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/client/paced"
)

// lane is a session at work: it waits until the session is ready, asks for a line,
// and tells what became of it.
type lane struct {
	*seat
	paced.Lane

	ready   time.Time // not to ask for a line before; zero for now
	strikes int       // failures in a row that were no fault of the line
}

// errOver ends a lane when nothing is handed out any more.
var errOver = errors.New("the run is over")

// serve works until the run is over or the session is lost.
func (l *lane) serve(d *dispatcher) {
	var lost error
	for lost == nil {
		select {
		case w := <-d.hand:
			n := l.do(d, w)
			lost = n.lost
			n.rests = lost == nil && !l.ready.IsZero()
			d.news <- n
		case <-d.over:
			lost = errOver
		}
		if lost == nil && !l.rest(d) {
			lost = errOver
		}
	}
	l.Close()
	d.pool.leave(l.seat, lost)
	d.news <- news{kind: laneGone}
}

// rest waits until the session is ready, without a connection if that takes long.
// It says whether the run still goes on.
func (l *lane) rest(d *dispatcher) bool {
	if l.ready.IsZero() {
		return true
	}
	wait := time.Until(l.ready)
	if wait > d.lead(time.Hour) {
		l.Close()
	}
	l.ready = time.Time{}
	defer func(since time.Time) { d.count.waited(time.Since(since)) }(time.Now())
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		d.news <- news{kind: laneReady}
		return true
	case <-d.over:
		return false
	}
}

// do fetches a line as far as one session can.
func (l *lane) do(d *dispatcher, w *work) news {
	step, err := w.run.Step(d.hard, &l.Lane)
	if late, ok := errors.AsType[*ledger.TooLate](err); ok {
		// The slot is too far away to hold a line for.
		lead := w.job.MaxWait
		l.ready = time.Now().Add(max(late.Wait-lead, lead/20, time.Millisecond))
		return news{kind: lineAgain, work: w}
	}
	if errors.Is(err, ledger.ErrSessionDead) {
		return news{kind: lineAgain, work: w, lost: err}
	}
	if err == nil {
		step, err = l.receive(d, w, step)
	}
	n := news{work: w}
	n.kind, n.problem = l.conclude(d, w, step, err)
	n.refused, _ = errors.AsType[*client.Error](err)
	l.score(d, n.refused)
	if n.refused != nil && (n.refused.Class == client.SessionDead || n.refused.Banned()) {
		n.lost = n.refused
	}
	return n
}

// score makes the lane wait longer from one failure to the next that another line
// would meet with as well.
func (l *lane) score(d *dispatcher, failed *client.Error) {
	if failed == nil || failed.Class != client.Later && failed.Class != client.Network {
		l.strikes = 0
		return
	}
	l.ready = time.Now().Add(d.Fetcher.BackOff(l.strikes))
	l.strikes++
}

// receive takes an answer in. A target's failure is an error only if the run
// counts it as one, and then no body is kept.
func (l *lane) receive(d *dispatcher, w *work, step paced.Action) (paced.Action, error) {
	result := w.run.Result()
	resp := result.Response
	if d.Fail && resp.Status >= 400 {
		w.run.Discard()
		return step, &StatusError{Status: resp.Status, Reason: resp.Reason}
	}
	w.record = d.record(w, result, nil)
	err := d.sink.keep(w.line, w.record, resp.Body)
	resp.Body.Close()
	broken, ok := errors.AsType[*bodyError](err)
	if !ok {
		return paced.Return, err
	}
	if _, tooBig := errors.AsType[*TooBigError](err); tooBig {
		l.Close()
		return paced.Return, err
	}
	failed, ok := errors.AsType[*client.Error](broken.err)
	if !ok {
		failed = &client.Error{Op: "read the answer of " + w.record.URL, Class: client.Network, Err: broken.err}
	}
	return w.run.BodyFailed(failed), failed
}

// conclude writes down what became of a line, unless something is still to follow.
func (l *lane) conclude(d *dispatcher, w *work, step paced.Action, err error) (newsKind, error) {
	switch {
	case err != nil && d.hard.Err() != nil:
		return lineOpen, nil
	case err != nil && step != paced.Return:
		d.count.retried()
		w.due = time.Time{}
		if step == paced.Wait {
			w.due = time.Now().Add(d.Fetcher.BackOff(w.tries))
		}
		w.tries++
		return lineAgain, nil
	case err != nil && concernsAll(err):
		return lineOpen, err
	case err != nil:
		w.record = d.record(w, w.run.Result(), err)
	}
	if err := d.sink.write(w.record); err != nil {
		return lineOpen, err
	}
	d.count.attempted(w.record)
	if err != nil {
		d.count.failed(classOf(err))
		d.notify(LineFailed{Number: w.line.Number, Err: err})
	} else {
		d.count.succeeded(w.record)
	}
	return lineDone, nil
}
