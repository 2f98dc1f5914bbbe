package batch

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smp/client"
	"smp/client/mock"
)

func TestNoSessionAtAllEndsTheRun(t *testing.T) {
	t.Parallel()
	tests := map[string]client.Class{
		"user_session_limit": client.Later,
		"serverbusy":         client.Later,
		"bad_proxy_auth":     client.Credentials,
		"reset":              client.Network,
		"bad_endpoint":       client.Hopeless,
	}
	for fault, class := range tests {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, sink := newWorld(t, mock.Config{Faults: []mock.Fault{{Name: fault, On: "sessions"}}}), newSink()
				b, err := run(t, w.config(5, delay), 10, sink)
				failed, ok := errors.AsType[*client.Error](err)
				if !ok || failed.Class != class {
					t.Fatalf("got %v", err)
				}
				if p := b.Progress(); len(sink.results) > 0 || open(p) != p.Lines {
					t.Errorf("%d lines have a result, %d of %d are open", len(sink.results), open(p), p.Lines)
				}
			})
		})
	}
}

func TestBadKeyLeavesTheOpenLinesOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{Faults: []mock.Fault{{Name: "bad_proxy_auth", Rate: 0.05, On: "target"}}}), newSink()
		_, err := run(t, w.config(5, delay), 500, sink)
		if failed, ok := errors.AsType[*client.Error](err); !ok || failed.Class != client.Credentials {
			t.Fatalf("got %v", err)
		}
		if n := len(sink.results); n == 0 || n == 500 {
			t.Errorf("%d lines have a result", n)
		}
		sink.complete(t, len(sink.results))
		w.clean(t)
	})
}

func TestSinkThatFailsStopsTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{}), newSink()
		sink.failAt = 7
		b, err := run(t, w.config(3, delay), 100, sink)
		if !errors.Is(err, io.ErrShortWrite) {
			t.Fatalf("got %v", err)
		}
		if p := b.Progress(); open(p) == 0 || len(sink.results) > 12 {
			t.Errorf("%d lines have a result, %d are open", len(sink.results), open(p))
		}
		w.clean(t)
	})
}

func TestStopFinishesWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer time.Duration // how long the target takes
		within time.Duration // Run has to return, after the stop
		done   int
	}{
		{"quick answers", time.Second, 2 * time.Second, 4},
		{"answers that take too long", time.Hour, 10 * time.Second, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, sink := newWorld(t, mock.Config{Origin: slowOrigin(test.answer)}), newSink()
				ctx, stop := context.WithCancelCause(context.Background())
				reason := errors.New("enough")
				var stopped time.Time
				time.AfterFunc(500*time.Millisecond, func() { stopped = time.Now(); stop(reason) })
				b := New(w.config(4, delay))
				err := b.Run(ctx, NewReader(strings.NewReader(list(100))), sink)
				if !errors.Is(err, reason) {
					t.Fatalf("got %v", err)
				}
				if took := time.Since(stopped); took > test.within {
					t.Errorf("took %v to stop", took)
				}
				sink.complete(t, test.done)
				if p := b.Progress(); p.Failed != 0 {
					t.Errorf("%d lines failed", p.Failed)
				}
				w.clean(t)
			})
		})
	}
}

// Who asks for the end while the sessions are deleted need not wait for all of them.
func TestStopHastensTheDeleting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{}), newSink()
		w.meddle(func(request string) (late time.Duration, err error) {
			if strings.HasPrefix(request, "DELETE ") {
				late = time.Hour
			}
			return late, nil
		})
		ctx, stop := context.WithCancel(context.Background())
		time.AfterFunc(10*time.Second, stop)
		began := time.Now()
		if err := runUntil(ctx, w.config(3, delay), 3, sink); err != nil {
			t.Errorf("all lines were done, and then: %v", err)
		}
		if took := time.Since(began); took < 15*time.Second || took > 17*time.Second {
			t.Errorf("took %v", took)
		}
		if kept := told[SessionKept](w); len(kept) != 3 {
			t.Errorf("told %v", kept)
		}
	})
}

func TestStopDoesNotWaitForAStuckReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		stuck, writer := io.Pipe()
		ctx, stop := context.WithCancel(context.Background())
		time.AfterFunc(time.Minute, stop)
		b := New(w.config(1, delay)) // others would wait for a mutex, at which virtual time stops
		err := b.Run(ctx, NewReader(strings.NewReader(list(100))), NewStream(writer))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if p := b.Progress(); p.Elapsed > time.Minute+10*time.Second {
			t.Errorf("stopped after %v", p.Elapsed)
		}
		w.clean(t)
		stuck.Close()
	})
}
