package paced

import (
	"context"
	"sync"

	"smp/client/ledger"
)

// sharedCall lets one goroutine of this process ask the service for all that need the
// answer at once. At the ledger's lock, which is for other processes, thousands would
// wait in turns. The zero value is ready for use.
type sharedCall struct {
	mu      sync.Mutex
	current *pendingCall
}

type pendingCall struct {
	done   chan struct{} // closed when the rest is set
	err    error
	gaveUp bool // the caller's context ended, which says nothing to the others
}

// do calls f, or waits for another goroutine's call of what and returns the error of
// that. It waits as long as ctx and wait allow. A call that is too slow is a
// *ledger.BusyError, as where another process makes the call.
func (s *sharedCall) do(ctx context.Context, what string, wait ledger.Wait, f func() error) error {
	for {
		call, mine := s.join()
		if mine {
			s.make(ctx, call, f)
			return call.err
		}
		if err := call.wait(ctx, what, wait); err != nil {
			return err
		}
		if !call.gaveUp {
			return call.err
		}
	}
}

// join returns the call under way; mine says that it is a new one, for the caller to make.
func (s *sharedCall) join() (call *pendingCall, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if mine = s.current == nil; mine {
		s.current = &pendingCall{done: make(chan struct{})}
	}
	return s.current, mine
}

func (s *sharedCall) make(ctx context.Context, call *pendingCall, f func() error) {
	call.err = f()
	call.gaveUp = ctx.Err() != nil
	s.mu.Lock()
	s.current = nil
	s.mu.Unlock()
	close(call.done)
}

// wait waits for the end of a call.
func (c *pendingCall) wait(ctx context.Context, what string, wait ledger.Wait) error {
	ctx, done := wait.Limit(ctx, what)
	defer done()
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
