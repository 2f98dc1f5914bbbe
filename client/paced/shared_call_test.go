package paced

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"smp/client/ledger"
	"smp/client/mock"
)

func TestASharedCallIsMadeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sharedCall
		failed := errors.New("no answer")
		calls := 0
		ask := func(ctx context.Context, limit time.Duration) error {
			return s.do(ctx, "sessions", ledger.Wait{Max: limit}, func() error {
				calls++
				time.Sleep(10 * time.Second)
				return failed
			})
		}
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if err := ask(t.Context(), -1); !errors.Is(err, failed) {
					t.Errorf("got %v", err)
				}
			})
		}
		synctest.Wait()
		start := time.Now()
		if _, busy := errors.AsType[*ledger.BusyError](ask(t.Context(), 2*time.Second)); !busy || time.Since(start) != 2*time.Second {
			t.Errorf("who may wait two seconds was told %v after %v", busy, time.Since(start))
		}
		start = time.Now()
		if _, busy := errors.AsType[*ledger.BusyError](ask(t.Context(), time.Millisecond)); !busy || time.Since(start) != time.Second {
			t.Errorf("who may wait a millisecond was told %v after %v", busy, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := ask(ctx, -1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		all.Wait()
		if calls != 1 {
			t.Errorf("fifty made %d calls", calls)
		}
		if err := ask(t.Context(), 0); !errors.Is(err, failed) || calls != 2 {
			t.Errorf("the next asks anew: %v, %d calls", err, calls)
		}
	})
}

// Whoever gives up takes nobody along.
func TestASharedCallThatIsGivenUpIsMadeByTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sharedCall
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			_ = s.do(ctx, "sessions", ledger.Wait{Max: -1}, func() error { <-ctx.Done(); return ctx.Err() })
		}()
		synctest.Wait()
		time.AfterFunc(time.Second, cancel)
		called := false
		if err := s.do(t.Context(), "sessions", ledger.Wait{Max: -1}, func() error { called = true; return nil }); err != nil || !called {
			t.Errorf("%v, called: %t", err, called)
		}
	})
}

// Many sessions of one process whose IPs nobody knows are listed once.
func TestManySessionsAreListedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		var ids []string
		for range 100 {
			ids = append(ids, w.NewSession())
		}
		lists := w.counting("GET /sessions ")
		var all sync.WaitGroup
		for _, id := range ids {
			all.Go(func() { w.must(w.job(id, "http://shop.test/get")) })
		}
		all.Wait()
		// Who comes when an answer is on its way asks again: how many do is the scheduler's.
		if n := lists.Load(); n > 10 {
			t.Errorf("a hundred sessions were listed %d times", n)
		}
		w.CheckPace()
	})
}
