package paced

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"smp/client/mock"
)

// lastFirst gives the turn to the request that came last.
type lastFirst struct {
	mu      sync.Mutex
	busy    bool
	waiting []chan struct{}
}

func (l *lastFirst) turn(ctx context.Context) (func(), error) {
	l.mu.Lock()
	mine := make(chan struct{})
	if l.busy {
		l.waiting = append(l.waiting, mine)
	} else {
		l.busy = true
		close(mine)
	}
	l.mu.Unlock()
	select {
	case <-mine:
		return sync.OnceFunc(l.end), nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (l *lastFirst) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy = len(l.waiting) > 0; l.busy {
		last := len(l.waiting) - 1
		close(l.waiting[last])
		l.waiting = l.waiting[:last]
	}
}

func TestTurnOrdersSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		id := w.NewSession()
		var order lastFirst
		var sent []int
		var all sync.WaitGroup
		start := time.Now()
		for i := range 5 {
			all.Go(func() {
				job := w.job(id, "http://shop.test/get")
				job.Turn = order.turn
				job.Request.OnWrite = func() { sent = append(sent, i) }
				w.must(job)
			})
			synctest.Wait()
		}
		all.Wait()
		// The turn ends with the sending, so the second request has its slot already.
		if want := []int{0, 1, 4, 3, 2}; !slices.Equal(sent, want) {
			t.Errorf("sent in the order %v, want %v", sent, want)
		}
		if took := time.Since(start); took < 4*delay || took > 4*delay+time.Second {
			t.Errorf("took %v, want %v", took, 4*delay)
		}
		w.CheckPace()
	})
}

func TestTurnIsNotTakenWithoutADelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		job := w.job(w.NewSession(), "http://shop.test/get")
		job.Delay = func(string) time.Duration { return 0 }
		job.Turn = func(context.Context) (func(), error) { return nil, errors.New("a turn") }
		w.must(job)
		job = w.job("", "http://shop.test/get")
		job.Turn = func(context.Context) (func(), error) { return nil, errors.New("a turn") }
		w.must(job)
	})
}

func TestTurnThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		job := w.job(w.NewSession(), "http://shop.test/get")
		gone := errors.New("gone")
		job.Turn = func(context.Context) (func(), error) { return nil, gone }
		if _, err := w.fetch(job); !errors.Is(err, gone) {
			t.Errorf("got %v", err)
		}
		w.must(w.job(job.Session.Value, "http://shop.test/get"))
	})
}
