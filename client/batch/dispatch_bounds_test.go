package batch

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"smp/client"
	"smp/client/mock"
	"smp/client/paced"
)

// When everything fails, few lines are begun before the first are tried again: the
// others stay in the list.
func TestFewLinesWaitForAnotherTry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{Delay: -1, Faults: []mock.Fault{{Name: "econnreset", On: "target"}}})
		came, begun, again := &arrivals{}, 0, false
		w.meddle(func(request string) (time.Duration, error) {
			if path, found := strings.CutPrefix(request, "GET http://shop.test"); found {
				again = came.note(path[:strings.IndexByte(path, ' ')]) > 0 || again
				if !again {
					begun++
				}
			}
			return 0, nil
		})
		config := w.config(1, 0)
		config.Job.Retry = 1
		if _, err := run(t, config, 60, newSink()); err != nil {
			t.Fatal(err)
		}
		if begun < 16 || begun > 17 || !again { // one may be at hand
			t.Errorf("%d lines were begun before the first was tried again, want 16", begun)
		}
	})
}

func TestTwoLinesASessionMayWaitForAnotherTry(t *testing.T) {
	t.Parallel()
	for sessions, want := range map[int]int{1: 16, 8: 16, 9: 18, 20: 40} {
		d := &dispatcher{growth: growth{target: sessions}}
		if got := d.maxAgain(); got != want {
			t.Errorf("%d sessions: %d lines, want %d", sessions, got, want)
		}
	}
}

// A worker whose first line ended is no more on its way out, whether its request left or
// not.
func TestALineThatEndsStartsItsWorker(t *testing.T) {
	t.Parallel()
	d := &dispatcher{Batch: New(Config{})}
	d.workers.add(newWorker(&poolSession{id: "1"}))
	w := d.workers.take(maxStarting)
	if !w.starting || d.workers.starting != 1 {
		t.Fatal("the worker does not start")
	}
	d.busy = 1
	d.takeBack(event{kind: lineDone, worker: w})
	if w.starting || d.workers.starting != 0 || d.busy != 0 {
		t.Errorf("%d workers start, %d are busy", d.workers.starting, d.busy)
	}
}

// Nobody is at work, or rests, when a run is over.
func TestNothingIsLeftOfAPool(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{Faults: []mock.Fault{{Name: "banned", Count: 2, On: "target"}}})
		b, err := run(t, w.config(4, delay), 10, newSink())
		if err != nil {
			t.Fatal(err)
		}
		if p := b.Progress(); p.Sessions != 0 || p.Resting != 0 || p.Lost != 2 {
			t.Errorf("%d sessions are left, %d rest, %d were lost", p.Sessions, p.Resting, p.Lost)
		}
		w.clean(t)
	})
}

// The service's crowd is told when it is found, and not each time that it is met.
func TestACrowdIsToldOnce(t *testing.T) {
	t.Parallel()
	told := 0
	d := &dispatcher{Batch: New(Config{Notify: func(Event) { told++ }})}
	d.workers.add(newWorker(&poolSession{id: "1"}))
	d.busy = 9
	for range 3 {
		refused := &client.Error{Code: "too_many_conns", Class: client.Later, Status: 429}
		d.takeBack(event{kind: lineDone, worker: d.workers.take(maxStarting), failed: refused})
		if told != 1 {
			t.Fatalf("told %d times", told)
		}
	}
}

// A session that could not be had is told, and asked for again.
func TestASessionAskedForAgainIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{Faults: []mock.Fault{{Name: "serverbusy", Count: 1, On: "sessions"}}}), newSink()
		if _, err := run(t, w.config(1, delay), 1, sink); err != nil {
			t.Fatal(err)
		}
		if told := told[NoSession](w); len(told) != 1 || told[0].Err == nil {
			t.Errorf("told %v", told)
		}
		sink.complete(t, 1)
		w = newWorld(t, mock.Config{SessionLimit: 1})
		if _, err := run(t, w.config(2, delay), 4, newSink()); err != nil {
			t.Fatal(err)
		}
		if told := told[NoSession](w); len(told) != 0 {
			t.Errorf("told %v, though nothing is asked for again", told)
		}
	})
}

// proxiedConn counts itself, if a target was asked for on it, until it is closed.
type proxiedConn struct {
	net.Conn
	open  *atomic.Int64
	asked bool
}

func (c *proxiedConn) Write(b []byte) (int, error) {
	if !c.asked && strings.HasPrefix(string(b), "GET http://") {
		c.asked = true
		c.open.Add(1)
	}
	return c.Conn.Write(b)
}

func (c *proxiedConn) Close() error {
	if c.asked {
		c.asked = false
		c.open.Add(-1)
	}
	return c.Conn.Close()
}

// Who leaves the pool, lost or at the end, leaves no connection and no claim.
func TestAWorkerThatLeavesLetsGo(t *testing.T) {
	t.Parallel()
	for fault, dead := range map[string]bool{"": false, "banned": true} {
		synctest.Test(t, func(t *testing.T) {
			var faults []mock.Fault
			if dead {
				faults = []mock.Fault{{Name: fault, Count: 1, On: "target"}}
			}
			w := newWorld(t, mock.Config{Delay: -1, Faults: faults})
			made, err := w.fetcher.NewSession(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var open atomic.Int64
			w.connect(func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := w.Mock.DialContext(ctx, network, addr)
				return &proxiedConn{Conn: conn, open: &open}, err
			})
			config := w.config(0, 0)
			config.Given = []paced.Ref{{Kind: paced.RefID, Value: made.ID}}
			if dead {
				config.Given, config.Sessions = nil, 1
			}
			if _, err := run(t, config, 3, newSink()); err != nil {
				t.Fatal(err)
			}
			if n := open.Load(); n != 0 {
				t.Errorf("%q: %d connections are left", fault, n)
			}
			if s, _, err := w.Ledger.Session(made.ID); err != nil || s.InUse {
				t.Errorf("%q: in use %v, %v", fault, s.InUse, err)
			}
		})
	}
}

// Sessions that are made wait for others on their way, but not for slow ones.
func TestANewSessionWaitsForNoSlowOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		var posts, first atomic.Int64
		began := time.Now()
		w.meddle(func(request string) (late time.Duration, err error) {
			switch {
			case strings.HasPrefix(request, "POST "):
				if posts.Add(1) > 1 {
					late = 40 * time.Second
				}
			case strings.HasPrefix(request, "GET http://"):
				first.CompareAndSwap(0, max(1, int64(time.Since(began))))
			}
			return late, nil
		})
		if _, err := run(t, w.config(2, delay), 2, newSink()); err != nil {
			t.Fatal(err)
		}
		if took := time.Duration(first.Load()); took == 0 || took > 5*time.Second {
			t.Errorf("the first line waited %v for the second's session", took)
		}
	})
}

// A line that is due goes to another session, and does not wait for the one that rests.
func TestALineThatIsDueWaitsForNoRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{Faults: []mock.Fault{{Name: "econnreset", Count: 1, On: "target"}}})
		began := time.Now()
		if _, err := run(t, w.config(2, delay), 1, newSink()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// Hosts to which no connection comes about are waited for by their own lines alone.
func TestHostsThatHangHoldUpNobodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const hang = 20 * time.Second
		w, sink := newWorld(t, mock.Config{Delay: -1, IPs: 2 * maxStarting}), newSink()
		w.meddle(func(request string) (time.Duration, error) {
			if strings.HasPrefix(request, "CONNECT hangs.test:") {
				return hang, nil
			}
			return 0, nil
		})
		config := w.config(maxStarting+1, delay)
		urls := list(maxStarting)
		for i := range 2 * leastStarting {
			urls = fmt.Sprintf("https://hangs.test:%d/\n", i+1) + urls
		}
		began := time.Now()
		if err := New(config).Run(t.Context(), NewReader(strings.NewReader(urls)), sink); err != nil {
			t.Fatal(err)
		}
		sink.complete(t, maxStarting+2*leastStarting)
		if took := time.Since(began); took > hang+delay {
			t.Errorf("it took %v, and a host %v", took, hang)
		}
	})
}

// A list may end before anybody asks for a line.
func TestAListThatHasEndedEndsTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := New(newWorld(t, mock.Config{}).config(1, 0))
		soft, stop := context.WithCancelCause(t.Context())
		d := &dispatcher{Batch: b, pool: newPool(b, t.Context(), nil), soft: soft, hard: t.Context(), stop: stop}
		lines := make(chan *task)
		close(lines)
		if err := d.run(&reading{Batch: b, lines: lines}); err != nil {
			t.Error(err)
		}
	})
}
