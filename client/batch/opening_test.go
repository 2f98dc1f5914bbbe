package batch

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"smp/client"
	"smp/client/mock"
)

// slowly makes the service answer every request for a session but the first late.
func slowly(t *testing.T, w *world, late time.Duration) {
	t.Helper()
	var asked atomic.Int64
	w.meddle(func(request string) (time.Duration, error) {
		if strings.HasPrefix(request, "POST /sessions") && asked.Add(1) > 1 {
			return late, nil
		}
		return 0, nil
	})
}

// A session that comes when all lines are done is deleted like any other.
func TestEndWaitsForASessionOnItsWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{Delay: -1}), newSink()
		slowly(t, w, 20*time.Second)
		b, err := run(t, w.config(2, 0), 2, sink)
		if err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 2)
		if p := b.Progress(); p.Made != 2 || p.Elapsed > 21*time.Second {
			t.Errorf("%d sessions made in %v", p.Made, p.Elapsed)
		}
		if doubts := told[SessionInDoubt](w); len(doubts) > 0 {
			t.Errorf("told %v", doubts)
		}
		w.clean(t)
	})
}

func TestEndWaitsForASessionOnlySoLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{Delay: -1}), newSink()
		w.fetcher.SessionTimeout = 30 * time.Second
		slowly(t, w, time.Hour)
		b, err := run(t, w.config(2, 0), 2, sink)
		if err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 2)
		if took := b.Progress().Elapsed; took > 31*time.Second {
			t.Errorf("took %v", took)
		}
		if doubts := told[SessionInDoubt](w); len(doubts) != 1 {
			t.Errorf("told %v", doubts)
		}
	})
}

// Who asks for the end while the run waits for a session gets it.
func TestStopCutsASessionOnItsWay(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string]int{"with all lines done": 2, "with lines to do": 200} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, sink := newWorld(t, mock.Config{Delay: -1, Origin: slowOrigin(100 * time.Millisecond)}), newSink()
				slowly(t, w, 20*time.Second)
				ctx, stop := context.WithCancel(context.Background())
				time.AfterFunc(time.Second, stop)
				began := time.Now()
				_ = runUntil(ctx, w.config(2, 0), lines, sink)
				if took := time.Since(began); took > drainTime+2*time.Second {
					t.Errorf("took %v", took)
				}
				if doubts := told[SessionInDoubt](w); len(doubts) != 1 {
					t.Errorf("told %v", doubts)
				}
			})
		})
	}
}

// A request for a session that never left leaves none.
func TestDoubtIsToldOnlyOfWhatWasSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{Faults: []mock.Fault{{Name: "reset", Count: 1, After: true, On: "sessions"}}})
		if _, err := run(t, w.config(1, delay), 1, newSink()); err != nil {
			t.Fatal(err)
		}
		if doubts := told[SessionInDoubt](w); len(doubts) != 1 {
			t.Errorf("told %v", doubts)
		}

		down := newWorld(t, mock.Config{})
		down.connect(func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("nobody there") })
		_, err := run(t, down.config(1, delay), 1, newSink())
		if failed, ok := errors.AsType[*client.Error](err); !ok || failed.Class != client.Network {
			t.Errorf("got %v", err)
		}
		if doubts := told[SessionInDoubt](down); len(doubts) > 0 {
			t.Errorf("told %v of what was never sent", doubts)
		}
	})
}
