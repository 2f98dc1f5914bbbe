package term

import (
	"context"
	"time"
)

// abandonAfter is how long Await still waits once ctx has ended.
const abandonAfter = 300 * time.Millisecond

// AbandonedError says that something blocked was left running because the context
// ended. It wraps the cause of that.
type AbandonedError struct{ Cause error }

func (e *AbandonedError) Error() string { return e.Cause.Error() }
func (e *AbandonedError) Unwrap() error { return e.Cause }

// Await runs do, which may block on a pipe that nobody reads or writes. If ctx ends
// first, Await waits 300 ms more and then returns an [AbandonedError]. do keeps
// running until the process exits, so it must not write to variables of the caller.
func Await[T any](ctx context.Context, do func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := do()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
	}
	select {
	case r := <-done: // ctx ended it, as it should
		return r.value, r.err
	case <-time.After(abandonAfter):
		var none T
		return none, &AbandonedError{context.Cause(ctx)}
	}
}
