package batch

import (
	"context"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"smp/client/mock"
	"smp/client/paced"
)

func TestFaultsOfTheSessionsAPILeaveNoSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		faults := []mock.Fault{{Name: "serverbusy", Count: 8, On: "sessions"}, {Name: "reset", Count: 4, On: "sessions"}}
		w, sink := newWorld(t, mock.Config{Faults: faults}), newSink()
		cfg := w.config(5, delay)
		cfg.Job.Retry = 20
		if _, err := run(t, cfg, 20, sink); err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 20)
		w.clean(t)
	})
}

func TestBannedSessionIsReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{Faults: []mock.Fault{{Name: "banned", Count: 1, On: "target"}}}), newSink()
		b, err := run(t, w.config(1, delay), 3, sink)
		if err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 3)
		if p := b.Progress(); p.Made != 2 || p.Lost != 1 || len(told[SessionLost](w)) != 1 {
			t.Errorf("%d sessions made, %d lost, told: %v", p.Made, p.Lost, told[SessionLost](w))
		}
		w.clean(t)
	})
}

func TestPoolGrowsOnlyForLines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{}), newSink()
		b, err := run(t, w.config(20, delay), 3, sink)
		if err != nil {
			t.Fatal(err)
		}
		if p := b.Progress(); p.Made != 3 {
			t.Errorf("%d sessions for 3 lines", p.Made)
		}
		w.clean(t)
	})
}

func TestPoolStaysSmallForASlowList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{}), newSink()
		r, slow := io.Pipe()
		go func() {
			for line := range strings.Lines(list(5)) {
				_, _ = io.WriteString(slow, line)
				time.Sleep(delay + time.Second)
			}
			slow.Close()
		}()
		b := New(w.config(20, delay))
		if err := b.Run(context.Background(), NewReader(r), sink); err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 5)
		if p := b.Progress(); p.Made != 1 {
			t.Errorf("%d sessions made", p.Made)
		}
		w.clean(t)
	})
}

func TestSessionLimitShrinksThePool(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{SessionLimit: 3}), newSink()
		began := time.Now()
		_, err := run(t, w.config(10, delay), 30, sink)
		if err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 30)
		if shrunk := told[PoolShrunk](w); len(shrunk) != 1 || shrunk[0].Sessions != 3 {
			t.Errorf("told %v", shrunk)
		}
		if took := time.Since(began); took > 9*delay*102/100 {
			t.Errorf("took %v for ten rounds of three", took)
		}
		w.clean(t)
	})
}

func TestCrowdedServiceGetsFewerAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{Delay: -1, ConcurrencyLimit: 2, Origin: slowOrigin(time.Second)}), newSink()
		cfg := w.config(10, 0)
		cfg.Job.Retry = 3
		_, err := run(t, cfg, 100, sink)
		if err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 100)
		if len(told[Crowded](w)) == 0 {
			t.Error("nobody was told")
		}
		w.clean(t)
	})
}

func TestPenaltyStallsNobodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fault := mock.Fault{Name: "serverbusy", Count: 1, Retry: "600", On: "target"}
		w, sink := newWorld(t, mock.Config{Faults: []mock.Fault{fault}}), newSink()
		began := time.Now()
		_, err := run(t, w.config(5, delay), 41, sink)
		if err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 41)
		if took := time.Since(began); took > 11*delay {
			t.Errorf("took %v: four sessions need ten gaps", took)
		}
		w.clean(t)
	})
}

func TestGivenSessionsStay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{}), newSink()
		made, err := w.fetcher.NewSession(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		cfg := w.config(0, delay)
		cfg.Given = []paced.Ref{{Kind: paced.RefID, Value: made.ID}, {Kind: paced.RefName, Value: "shop"}}
		if _, err := run(t, cfg, 6, sink); err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 6)
		for _, records := range sink.results {
			if id := records[0].Session; id != made.ID && !bound(t, w, "shop", id) {
				t.Errorf("session %s was not given", id)
			}
		}
		if left := w.Sessions(); len(left) != 2 {
			t.Errorf("sessions after the run: %v", left)
		}
	})
}

func bound(t testing.TB, w *world, name, id string) bool {
	t.Helper()
	found, ok, err := w.fetcher.Ledger.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return ok && found == id
}

func TestDeadGivenSessionIsReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{}), newSink()
		cfg := w.config(0, delay)
		cfg.Given = []paced.Ref{{Kind: paced.RefID, Value: "4711"}}
		b, err := run(t, cfg, 3, sink)
		if err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 3)
		if p := b.Progress(); p.Made != 1 || p.Lost != 1 {
			t.Errorf("%d sessions made, %d lost", p.Made, p.Lost)
		}
		w.clean(t)
	})
}

// A pool that was made is listed once, and not once for each session.
func TestThePoolIsListedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{}), newSink()
		var lists atomic.Int64
		w.meddle(func(request string) (time.Duration, error) {
			if strings.HasPrefix(request, "GET /sessions") {
				lists.Add(1)
			}
			return 0, nil
		})
		if _, err := run(t, w.config(300, delay), 900, sink); err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 900)
		if n := lists.Load(); n > 2 {
			t.Errorf("the sessions were listed %d times", n)
		}
		w.clean(t)
	})
}
