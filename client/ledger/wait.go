package ledger

import (
	"cmp"
	"context"
	"errors"
	"time"
)

// neighbourTime is what another process may take for a call of the service whatever
// Wait says. This process would need as much for a call of its own. A longer wait
// is told.
const neighbourTime = time.Second

// Wait bounds the wait for another process that makes the session of a name, or that
// calls the service on behalf of all. The zero value waits a second at most.
type Wait struct {
	Max  time.Duration // at least a second; negative (NoLimit): as long as the context allows
	Told func()        // called once, from any goroutine, if the wait takes over a second; may be nil
}

// Limit bounds a wait for whoever calls the service on behalf of all. The context
// ends with a *BusyError as its cause when the wait is too long. The caller calls
// done when the wait is over.
func (w Wait) Limit(ctx context.Context, what string) (limited context.Context, done func()) {
	return w.limit(ctx, ref{calls, what})
}

func (w Wait) limit(ctx context.Context, r ref) (limited context.Context, done func()) {
	cancel := func() {}
	if w.Max >= 0 {
		limit := max(w.Max, neighbourTime)
		ctx, cancel = context.WithTimeoutCause(ctx, limit, &BusyError{Kind: kindName[r.kind], Name: r.key, Waited: limit})
	}
	if w.Told == nil || w.Max >= 0 && w.Max <= neighbourTime {
		return ctx, cancel
	}
	told := time.AfterFunc(neighbourTime, w.Told)
	return ctx, func() { told.Stop(); cancel() }
}

// guard is store.guard within the limits of w.
func (l *Ledger) guard(ctx context.Context, r ref, w Wait) (guard, error) {
	ctx, done := w.limit(ctx, r)
	defer done()
	return l.store.guard(ctx, r)
}

// Once calls f, one process at a time. Those who waited while another called do not
// call again. They return nil if that call succeeded and ErrElsewhere if it did not,
// and see for themselves what it left in the ledger. A wait that is longer than w
// allows is a *BusyError.
func (l *Ledger) Once(ctx context.Context, what string, w Wait, f func(context.Context) error) error {
	r := ref{calls, what}
	var before, c callRecord
	if _, err := l.view(r, &before); err != nil {
		return err
	}
	g, err := l.guard(ctx, r, w)
	if err != nil {
		return err
	}
	defer g.release()
	l.open(r, g.raw(), &c)
	if c.Count != before.Count {
		if c.Failed {
			return ErrElsewhere
		}
		return nil
	}
	err = f(ctx)
	if errors.Is(ctx.Err(), context.Canceled) {
		return err // interrupted, not failed: the next may try
	}
	c = callRecord{Count: c.Count + 1, Failed: err != nil}
	return cmp.Or(err, g.change(l.change(r, &c, l.clock.now(), save)))
}
