package batch

import (
	"errors"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/client/paced"
)

// worker is a session at work: it waits until the session is ready, asks for a line,
// and reports what became of it.
type worker struct {
	*poolSession
	paced.Lane

	ready    time.Time // not to ask for a line before; zero for now
	failures int       // in a row, of those that any other line would have met with
}

// errOver ends a worker when nothing is handed out any more.
var errOver = errors.New("the run is over")

// serve works until the run is over or the session is lost.
func (w *worker) serve(d *dispatcher) {
	var lost error
	for lost == nil {
		select {
		case t := <-d.work:
			e := w.do(d, t)
			lost = e.lost
			e.rests = lost == nil && !w.ready.IsZero()
			d.events <- e
		case <-d.over:
			lost = errOver
		}
		if lost == nil && !w.rest(d) {
			lost = errOver
		}
	}
	w.Close()
	d.pool.leave(w.poolSession, lost)
	d.events <- workerEvent{kind: workerGone}
}

// rest waits until the session is ready, without a connection if that takes long.
// It says whether the run still goes on.
func (w *worker) rest(d *dispatcher) bool {
	if w.ready.IsZero() {
		return true
	}
	wait := time.Until(w.ready)
	if wait > d.lead(time.Hour) {
		w.Close()
	}
	w.ready = time.Time{}
	defer func(since time.Time) { d.count.waited(time.Since(since)) }(time.Now())
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		d.events <- workerEvent{kind: workerReady}
		return true
	case <-d.over:
		return false
	}
}

// do fetches a line as far as one session can.
func (w *worker) do(d *dispatcher, t *task) workerEvent {
	step, err := t.run.Step(d.hard, &w.Lane)
	if late, ok := errors.AsType[*ledger.TooLate](err); ok {
		// The slot is too far away to hold a line for.
		lead := t.job.MaxWait
		w.ready = time.Now().Add(max(late.Wait-lead, lead/20, time.Millisecond))
		return workerEvent{kind: lineAgain, task: t}
	}
	if errors.Is(err, ledger.ErrSessionDead) {
		return workerEvent{kind: lineAgain, task: t, lost: err}
	}
	e := workerEvent{task: t}
	e.refused, _ = errors.AsType[*client.Error](err)
	if err == nil {
		step, err = w.receive(d, t, step)
	}
	e.kind, e.problem = w.conclude(d, t, step, err)
	w.backOff(d, e.refused)
	if e.refused != nil && (e.refused.Class == client.SessionDead || e.refused.Banned()) {
		e.lost = e.refused
	}
	return e
}

// backOff makes the worker rest after a failure that any other line would meet with
// as well: longer after each in a row.
func (w *worker) backOff(d *dispatcher, refused *client.Error) {
	if refused == nil || !hitsEveryLine(refused) {
		w.failures = 0
		return
	}
	w.ready = time.Now().Add(d.Fetcher.BackOff(w.failures))
	w.failures++
}

// hitsEveryLine reports whether the service or the network failed before the target had
// a say. What broke or was refused behind the head of an answer is that line's alone.
func hitsEveryLine(refused *client.Error) bool {
	if refused.Forwarded() || refused.BadHead() {
		return false
	}
	return refused.Class == client.Later || refused.Class == client.Network
}

// receive keeps the answer's body. Where the run counts a target's status as a failure,
// it keeps none and returns a *StatusError.
func (w *worker) receive(d *dispatcher, t *task, step paced.Action) (paced.Action, error) {
	result := t.run.Result()
	resp := result.Response
	if d.Fail && resp.Status >= 400 {
		t.run.Discard()
		return step, &StatusError{Status: resp.Status, Reason: resp.Reason}
	}
	t.record = d.record(t, result, nil)
	err := d.sink.keep(t.line, t.record, resp.Body)
	resp.Body.Close()
	broken, ok := errors.AsType[*bodyError](err)
	if !ok {
		return paced.Return, err
	}
	if _, tooBig := errors.AsType[*TooBigError](err); tooBig {
		w.Close()
		return paced.Return, err
	}
	failed, ok := errors.AsType[*client.Error](broken.err)
	if !ok {
		failed = &client.Error{Op: "read the answer of " + t.record.URL, Class: client.Network, Err: broken.err}
	}
	return t.run.BodyFailed(failed), failed
}

// conclude writes down what became of a line, unless something is still to follow.
func (w *worker) conclude(d *dispatcher, t *task, step paced.Action, err error) (eventKind, error) {
	switch {
	case err != nil && d.hard.Err() != nil:
		return lineOpen, nil
	case err != nil && step != paced.Return:
		d.count.retried()
		t.due = time.Time{}
		if step == paced.Wait {
			t.due = time.Now().Add(d.Fetcher.BackOff(t.tries))
		}
		t.tries++
		return lineAgain, nil
	case err != nil && concernsAll(err):
		return lineOpen, err
	case err != nil:
		t.record = d.record(t, t.run.Result(), err)
	}
	if err := d.sink.write(t.record); err != nil {
		return lineOpen, err
	}
	d.count.attempted(t.record)
	if err != nil {
		d.count.failed(classOf(err))
		d.notify(LineFailed{Number: t.line.Number, Err: err})
	} else {
		d.count.succeeded(t.record)
	}
	return lineDone, nil
}
