package batch

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smp/client/mock"
	"smp/client/paced"
)

// named is a pool of names.
func named(cfg Config, names ...string) Config {
	for _, name := range names {
		cfg.Given = append(cfg.Given, paced.Ref{Kind: paced.RefName, Value: name})
	}
	return cfg
}

// A name gets one session a delay: one that dies again sooner is waited for.
func TestNameThatDiesAgainIsWaitedFor(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{"banned", "bad_session_id"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, sink := newWorld(t, mock.Config{Faults: []mock.Fault{{Name: fault, Count: 2, On: "target"}}}), newSink()
				began := time.Now()
				if _, err := run(t, named(w.config(0, delay), "shop"), 8, sink); err != nil {
					t.Fatal(err)
				}
				sink.complete(t, 8)
				if took := time.Since(began); took < 8*delay || took > 8*delay+delay/10 {
					t.Errorf("took %v for eight lines and a wait of a delay", took)
				}
				if asked, shrunk := told[NoSession](w), told[PoolShrunk](w); len(asked) != 1 || len(shrunk) != 0 {
					t.Errorf("told %v and %v", asked, shrunk)
				}
			})
		})
	}
}

func TestPoolOfNamesDoesNotShrinkForBans(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{Seed: 1, Faults: []mock.Fault{{Name: "banned", Rate: 0.3, On: "target"}}}), newSink()
		cfg := named(w.config(0, delay), "a", "b", "c")
		cfg.Job.Retry = 20
		began := time.Now()
		if _, err := run(t, cfg, 60, sink); err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 60)
		if shrunk := told[PoolShrunk](w); len(shrunk) > 0 {
			t.Errorf("told %v", shrunk)
		}
		if took := time.Since(began); took > 40*delay {
			t.Errorf("took %v: three names need twenty rounds and one for each third ban", took)
		}
	})
}

// The sessions that a name has left are deleted, also those that it had before the
// run.
func TestNamesLeaveNoBannedSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{Seed: 1, Faults: []mock.Fault{{Name: "banned", Rate: 0.3, On: "target"}}}), newSink()
		cfg := named(w.config(0, delay), "a", "b", "c")
		cfg.Job.Retry = 20
		b, err := run(t, cfg, 60, sink)
		if err != nil {
			t.Fatal(err)
		}
		if p := b.Progress(); p.Lost < 5 || p.Kept > 0 {
			t.Errorf("%d sessions lost, %d left behind", p.Lost, p.Kept)
		}
		if left := w.Sessions(); len(left) > 3 {
			t.Errorf("%d sessions are left of three names", len(left))
		}
	})
}

// A banned session counts against the limit, and must make room for its successor.
func TestNameIsReplacedAtTheLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		faults := []mock.Fault{{Name: "banned", Count: 2, On: "target"}}
		w, sink := newWorld(t, mock.Config{SessionLimit: 1, Faults: faults}), newSink()
		began := time.Now()
		if _, err := run(t, named(w.config(0, delay), "shop"), 5, sink); err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 5)
		if took := time.Since(began); took < 5*delay {
			t.Errorf("took %v: the name got two sessions within a delay", took)
		}
		if shrunk := told[PoolShrunk](w); len(shrunk) > 0 {
			t.Errorf("told %v", shrunk)
		}
	})
}

func TestBannedSessionOfANameThatIsInUseStays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{Faults: []mock.Fault{{Name: "banned", Count: 1, On: "target"}}}), newSink()
		release, err := w.fetcher.Ledger.Use(resolve(t, w, "shop", ""))
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		if _, err := run(t, named(w.config(0, delay), "shop"), 3, sink); err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 3)
		if left := w.Sessions(); len(left) != 2 {
			t.Errorf("%d sessions are left, want the name's and the one that is in use", len(left))
		}
	})
}

func TestBannedSessionThatCannotBeDeletedIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{Faults: []mock.Fault{{Name: "banned", Count: 1, On: "target"}}}), newSink()
		old := resolve(t, w, "shop", "")
		w.meddle(func(request string) (time.Duration, error) {
			if strings.HasPrefix(request, http.MethodDelete) {
				return 0, io.ErrClosedPipe
			}
			return 0, nil
		})
		b, err := run(t, named(w.config(0, delay), "shop"), 3, sink)
		if err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 3)
		if kept := told[SessionKept](w); len(kept) != 1 || kept[0].ID != old || b.Progress().Kept != 1 {
			t.Errorf("told %v, want that %s is left", kept, old)
		}
	})
}

// While one name waits for its turn a line goes to another that can be had at once.
func TestWaitingNameHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{}), newSink()
		old := resolve(t, w, "a", "")
		if err := w.fetcher.Ledger.MarkDead(resolve(t, w, "a", old)); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := run(t, named(w.config(0, delay), "a", "b"), 1, sink); err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 1)
		if took := time.Since(began); took > delay/2 {
			t.Errorf("took %v for a line that the second name could have", took)
		}
	})
}

// resolve gives the session that a name is bound to, another one than stale.
func resolve(t *testing.T, w *world, name, stale string) string {
	t.Helper()
	session, err := w.fetcher.Resolve(t.Context(), paced.Ref{Kind: paced.RefName, Value: name}, stale, delay)
	if err != nil {
		t.Fatal(err)
	}
	return session.Value
}

func TestStopDoesNotWaitForANamesTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{Faults: []mock.Fault{{Name: "banned", Count: 2, On: "target"}}}), newSink()
		ctx, stop := context.WithCancelCause(context.Background())
		reason := errors.New("enough")
		time.AfterFunc(delay/2, func() { stop(reason) })
		began := time.Now()
		if err := runUntil(ctx, named(w.config(0, delay), "shop"), 8, sink); !errors.Is(err, reason) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took > delay/2+time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// A list of sessions that takes long costs no line and ends no run: whoever may not
// wait that long for its session's IP comes again.
func TestASlowListOfSessionsIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{}), newSink()
		w.meddle(func(request string) (late time.Duration, err error) {
			if strings.HasPrefix(request, "GET /sessions ") {
				late = 30 * time.Second
			}
			return late, nil
		})
		cfg := w.config(0, 100*time.Millisecond)
		for range 5 {
			cfg.Given = append(cfg.Given, paced.Ref{Kind: paced.RefID, Value: w.NewSession()})
		}
		began := time.Now()
		if _, err := run(t, cfg, 5, sink); err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 5)
		if took := time.Since(began); took > 40*time.Second {
			t.Errorf("took %v", took)
		}
		if len(told[SlowNeighbour](w)) == 0 {
			t.Error("nobody was told")
		}
	})
}
