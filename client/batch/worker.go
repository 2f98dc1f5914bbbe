package batch

import (
	"errors"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/client/paced"
)

// worker is a session at work. It fetches a line at a time, and reports what became of
// it; between two lines the dispatcher's schedule keeps it.
type worker struct {
	*poolSession
	paced.Lane

	ready    time.Time // not to be given a line before; zero for now
	failures int       // in a row, of those that any other line would have met with

	starting bool      // for the schedule: the request of its line has not left yet
	since    time.Time // for the schedule: when its rest or its start began
}

func newWorker(s *poolSession) *worker {
	session := paced.Ref{Kind: paced.RefID, Value: s.id}
	return &worker{poolSession: s, Lane: paced.Lane{Session: session, Lease: true, IPAsked: s.ipAsked}}
}

// errOver is why workers leave when nothing is begun any more.
var errOver = errors.New("the run is over")

// do fetches a line as far as one session can, and decides when the worker is ready for
// another one.
func (w *worker) do(d *dispatcher, t *task) event {
	if t.run == nil {
		t.run = d.Fetcher.Begin(&t.job)
	}
	w.reportStart(d)
	e := w.fetch(d, t)
	e.task, e.worker = t, w
	if e.lost == nil {
		w.rest(d, t)
	}
	return e
}

// reportStart has the dispatcher told when the line's request leaves. Only in a
// large pool does that matter.
func (w *worker) reportStart(d *dispatcher) {
	if w.OnWrite == nil && d.size() > maxStarting {
		w.OnWrite = func() { go d.report(event{kind: lineSent, worker: w}) }
	}
}

// rest decides when the worker may be given a line again. A worker that rests for
// long leaves its connection to others.
func (w *worker) rest(d *dispatcher, t *task) {
	if next := w.NextSlot(); !next.IsZero() {
		w.ready = later(w.ready, next.Add(-t.job.MaxWait))
	}
	wait := time.Until(w.ready)
	if wait <= 0 {
		w.ready = time.Time{}
	} else if wait > d.lead(time.Hour) {
		d.Fetcher.Release(&w.Lane)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// fetch sends the line's next request and takes its answer in.
func (w *worker) fetch(d *dispatcher, t *task) event {
	step, err := t.run.Step(d.hard, &w.Lane)
	if late, ok := errors.AsType[*ledger.TooLate](err); ok {
		// The slot is too far away to hold a line for.
		maxWait := t.job.MaxWait
		w.ready = time.Now().Add(max(late.Wait-maxWait, maxWait/20, time.Millisecond))
		return event{kind: lineAgain}
	}
	if _, busy := errors.AsType[*ledger.BusyError](err); busy {
		// The session's IP is not known yet. The line is for whoever is ready first.
		d.notify(SlowNeighbour{Err: err})
		w.ready = time.Now().Add(max(t.job.MaxWait, time.Millisecond))
		return event{kind: lineAgain}
	}
	if errors.Is(err, ledger.ErrSessionDead) {
		return event{kind: lineAgain, lost: err}
	}
	var e event
	e.failed, _ = errors.AsType[*client.Error](err)
	if err == nil {
		step, err = w.receive(d, t, step)
	}
	e.kind, e.problem = w.conclude(d, t, step, err)
	w.backOff(d, e.failed)
	if e.failed != nil && (e.failed.Class == client.SessionDead || e.failed.Banned()) {
		e.lost = e.failed
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
		return lineUnfinished, nil
	case err != nil && step != paced.Return:
		d.count.retried()
		t.due = time.Time{}
		if step == paced.Wait {
			t.due = time.Now().Add(d.Fetcher.BackOff(t.tries))
		}
		t.tries++
		return lineAgain, nil
	case err != nil && concernsAll(err):
		return lineUnfinished, err
	case err != nil:
		t.record = d.record(t, t.run.Result(), err)
	}
	if err := d.sink.write(t.record); err != nil {
		return lineUnfinished, err
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
