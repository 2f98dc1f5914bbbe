package paced

import (
	"context"
	"time"

	"smp/client/spell"
)

// TimeoutError is the cause of an exchange that took longer than its timeout.
type TimeoutError struct{ After time.Duration }

func (e *TimeoutError) Error() string { return "timed out after " + spell.Duration(e.After) }

// Timeout marks the error as a timeout, as in net.Error.
func (e *TimeoutError) Timeout() bool { return true }

// limit ends the exchanges of a lane that take too long, one at a time. A lane with many
// requests keeps the context of the last one: another with a timeout of its own for each
// would cost a twentieth of what a small request does.
type limit struct {
	ctx     context.Context // nil for none
	cancel  context.CancelCauseFunc
	timer   *time.Timer
	parent  context.Context
	timeout time.Duration
}

// begin returns the context of an exchange that may take until timeout; end is called
// when the exchange is over.
func (l *limit) begin(parent context.Context, timeout time.Duration) context.Context {
	if l.ctx != nil && l.parent == parent && l.timeout == timeout {
		l.timer.Reset(timeout)
		return l.ctx
	}
	l.release()
	ctx, cancel := context.WithCancelCause(parent)
	timer := time.AfterFunc(timeout, func() { cancel(&TimeoutError{After: timeout}) })
	*l = limit{ctx: ctx, cancel: cancel, timer: timer, parent: parent, timeout: timeout}
	return ctx
}

// end keeps the context for another exchange, unless the timer has fired: it may be about
// to end the context.
func (l *limit) end() {
	if l.ctx != nil && !l.timer.Stop() {
		l.release()
	}
}

// release gives the context up.
func (l *limit) release() {
	if l.ctx == nil {
		return
	}
	l.timer.Stop()
	l.cancel(nil)
	*l = limit{}
}
