package commands

import (
	"context"
	"time"
)

// stuckOutput is how long what waits for the reader of an output may still take
// after a signal.
const stuckOutput = 300 * time.Millisecond

// interruptibly does what may block for as long as the reader of a pipe likes, which
// must not keep a signal from ending the program. Where it is not done, it goes on
// unattended until the program ends, and the error is the cause of ctx's end.
func interruptibly(ctx context.Context, do func() error) (done bool, err error) {
	result := make(chan error, 1)
	go func() { result <- do() }()
	select {
	case err := <-result:
		return true, err
	case <-ctx.Done():
	}
	select {
	case err := <-result: // it ended with ctx, as it should
		return true, err
	case <-time.After(stuckOutput):
		return false, context.Cause(ctx)
	}
}
