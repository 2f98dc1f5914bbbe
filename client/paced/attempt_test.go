package paced

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/client/mock"
)

// counting counts what the client writes that begins with a prefix.
func (w *world) counting(prefix string) *atomic.Int64 {
	n := new(atomic.Int64)
	w.Intercept(func(request string) (time.Duration, error) {
		if strings.HasPrefix(request, prefix) {
			n.Add(1)
		}
		return 0, nil
	})
	w.fetcher.Client = w.Client
	return n
}

// The service is asked for outgoing IPs where two sessions may share one. It is not
// where a session is alone, keeps no delay, or is asked for by the caller already.
func TestTheServiceIsAskedForIPsWhereThatMatters(t *testing.T) {
	none := func(string) time.Duration { return 0 }
	for name, tt := range map[string]struct {
		second func(*Job)
		listed bool
		want   int64
	}{
		"two sessions at once": {func(*Job) {}, false, 1},
		"without a delay":      {func(job *Job) { job.Delay = none }, false, 0},
		"unpaced":              {func(job *Job) { job.Unpaced = true }, false, 0},
		"asked for already":    {func(*Job) {}, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, mock.Config{})
				first, second := w.NewSession(), w.NewSession()
				lists := w.counting("GET /sessions ")
				w.must(w.job(first, "http://shop.test/get"))
				if n := lists.Load(); n != 0 {
					t.Fatalf("the service was asked %d times for a session alone", n)
				}
				job := w.job(second, "http://shop.test/get")
				tt.second(job)
				lane := &Lane{Session: job.Session, IPAsked: tt.listed}
				defer lane.Close()
				run := w.fetcher.Begin(job)
				if _, err := run.Step(t.Context(), lane); err != nil {
					t.Fatal(err)
				}
				run.Discard()
				if n := lists.Load(); n != tt.want {
					t.Errorf("the service was asked %d times, want %d", n, tt.want)
				}
			})
		})
	}
}

// The slot of the next request counts from when this one has left, however late that
// was. The machine may have stopped before the head was put together, or before it
// was sent.
func TestALateStartMovesTheNextSlot(t *testing.T) {
	const late = 5 * time.Second
	for name, tt := range map[string]struct {
		target       string
		onWrite, net time.Duration
	}{
		"before the head":    {"http://shop.test/get", late, 0},
		"before the sending": {"http://shop.test/get", 0, late},
		"through a tunnel":   {"https://shop.test/get", 0, late},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, mock.Config{})
				var stops atomic.Bool
				w.Intercept(func(string) (time.Duration, error) {
					if stops.CompareAndSwap(true, false) {
						time.Sleep(tt.net)
					}
					return 0, nil
				})
				w.fetcher.Client = w.Client
				job := w.job(w.NewSession(), tt.target)
				job.Request.OnWrite = func() { time.Sleep(tt.onWrite); stops.Store(true) }
				w.must(job)
				job.Request.OnWrite = nil
				start := time.Now()
				w.must(job)
				if took := time.Since(start); took < delay {
					t.Errorf("the second request started after %v, want %v", took, delay)
				}
				w.CheckPace()
			})
		})
	}
}

// Thousands of sessions that wait hold no connection; just before the slot there is one.
func TestNoConnectionIsHeldThroughALongWait(t *testing.T) {
	for pause, want := range map[time.Duration]int64{delay: 3, connectLead: 1, connectLead / 2: 1} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, mock.Config{Delay: pause})
			job := w.job(w.NewSession(), "http://shop.test/get")
			job.Delay = func(string) time.Duration { return pause }
			lane := &Lane{Session: job.Session, IPAsked: true}
			defer lane.Close()
			before := w.Dials.Load()
			for range 3 {
				run := w.fetcher.Begin(job)
				if _, err := run.Step(t.Context(), lane); err != nil {
					t.Fatal(err)
				}
				run.Discard()
			}
			if n := w.Dials.Load() - before; n != want {
				t.Errorf("%d connections for three requests every %v, want %d", n, pause, want)
			}
		})
	}
}

// A lane knows when its session is ready again.
func TestALaneTellsTheNextSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		job := w.job(w.NewSession(), "http://shop.test/get")
		lane := &Lane{Session: job.Session, IPAsked: true}
		defer lane.Close()
		step := func() {
			run := w.fetcher.Begin(job)
			if _, err := run.Step(t.Context(), lane); err != nil {
				t.Fatal(err)
			}
			run.Discard()
		}
		writes := 0
		lane.OnWrite = func() { writes++ }
		defer func() {
			if writes != 2 {
				t.Errorf("two requests left %d times", writes)
			}
		}()
		if step(); time.Until(lane.NextSlot()) > delay || time.Until(lane.NextSlot()) < delay-time.Second {
			t.Errorf("the next slot is in %v", time.Until(lane.NextSlot()))
		}
		job.Delay = func(string) time.Duration { return 0 }
		lane.Lease = true
		if step(); !lane.NextSlot().IsZero() {
			t.Errorf("under a lease the next slot is in %v", time.Until(lane.NextSlot()))
		}
	})
}

// mortalConn ends by itself a while after it was made.
type mortalConn struct{ net.Conn }

// A connection that ends while its request waits for the slot is made anew before
// anything is sent.
func TestAConnectionThatEndsBeforeTheSlotIsMadeAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		w.Connect(func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := w.Mock.DialContext(ctx, network, addr)
			if err == nil {
				time.AfterFunc(connectLead/2, func() { conn.Close() })
			}
			return mortalConn{conn}, err
		})
		w.fetcher.Client = w.Client
		job := w.job(w.NewSession(), "http://shop.test/get")
		w.must(job)
		start := time.Now()
		if result := w.must(job); result.Attempts != 1 {
			t.Errorf("%d requests were sent", result.Attempts)
		}
		if took := time.Since(start); took > delay+connectLead {
			t.Errorf("took %v", took)
		}
		w.CheckPace()
	})
}

// Whoever has the turn gives it back, also where nothing is sent.
func TestTheTurnEndsWithTheAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		job := w.job(w.NewSession(), "http://shop.test/get")
		var ended atomic.Int64
		job.Turn = func(context.Context) (func(), error) { return func() { ended.Add(1) }, nil }
		w.must(job)
		if ended.Load() == 0 {
			t.Error("the turn did not end with the sending")
		}
		ended.Store(0)
		job.Request.OnWrite = func() {
			if ended.Load() == 0 {
				t.Error("the turn lasts longer than the sending")
			}
		}
		w.must(job)
		ended.Store(0)
		job.MaxWait = NoWait
		if _, err := w.fetch(job); err == nil || ended.Load() == 0 {
			t.Errorf("%v; the turn ended %d times", err, ended.Load())
		}
	})
}

// A request that does not wait for its slot goes out also where nothing can be
// written down, and says so. A request that does wait is not sent.
func TestAnUnusableLedgerStopsPacedRequestsAlone(t *testing.T) {
	service, err := mock.Start(mock.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	dir := t.TempDir()
	disk, err := ledger.Open(filepath.Join(dir, "state"), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	endpoint, _, _ := client.ParseEndpoint(service.URL())
	c, err := client.New(client.Config{Endpoint: endpoint, Key: "test"})
	if err != nil {
		t.Fatal(err)
	}
	made, err := c.CreateSession(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir, []byte("in the way"), 0o600); err != nil {
		t.Fatal(err)
	}
	troubles := 0
	f := &Fetcher{Client: c, Ledger: disk, Notify: func(e Event) {
		if _, ok := e.(LedgerTrouble); ok {
			troubles++
		}
	}}
	job := &Job{Request: client.Request{URL: mustURL(t, "http://shop.test/get")}, Session: Ref{Kind: RefID, Value: made.ID}}
	_, err = f.Fetch(t.Context(), job)
	if _, ok := errors.AsType[*ledger.StateError](err); !ok {
		t.Errorf("a paced request: %v", err)
	}
	job.Unpaced = true
	result, err := f.Fetch(t.Context(), job)
	if err != nil || troubles == 0 {
		t.Fatalf("an unpaced request: %v, told of %d troubles", err, troubles)
	}
	result.Response.Body.Close()
	if n := service.Verdict().Requests; n != 1 {
		t.Errorf("%d requests were sent in the session", n)
	}
}

// A timeout counts from the sending to the end of the body, and not the wait for the slot.
func TestTheTimeoutLeavesTheWaitOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		job := w.job(w.NewSession(), "http://shop.test/get")
		job.Timeout = 5 * time.Second
		w.must(job)
		w.must(job) // after a wait of 12 s
		if err := w.Mock.Arm(mock.Fault{Name: "stall", On: "target"}); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		_, err := w.fetch(job)
		if slow, ok := errors.AsType[*TimeoutError](err); !ok || slow.After != job.Timeout {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took < delay-time.Second || took > delay+job.Timeout {
			t.Errorf("took %v", took)
		}
	})
}

// Feedback reaches the ledger: a dead session, a postponement by either header.
func TestWhatAnAnswerSaysIsWrittenDown(t *testing.T) {
	for name, tt := range map[string]struct {
		header, value string
		status        int
		postponed     time.Duration
		dead          bool
	}{
		"next request in": {"X-Crawlera-Next-Request-In", "300", 200, 300 * time.Second, false},
		"retry after":     {"Retry-After", "200", 503, 200 * time.Second, false},
		"a dead session":  {"X-Crawlera-Error", "bad_session_id", 400, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, _ := newFetcher(t, func(w http.ResponseWriter, _ *http.Request) {
					if tt.status != 200 {
						w.Header().Del("X-Crawlera-Slave")
					}
					w.Header().Set(tt.header, tt.value)
					w.WriteHeader(tt.status)
				})
				_ = attempt(t, f, &Lane{Session: Ref{Kind: RefID, Value: "1"}}, pause)
				s, _, err := f.Ledger.Session("1")
				if err != nil || s.Dead != tt.dead {
					t.Errorf("dead: %t, %v", s.Dead, err)
				}
				if wait := time.Until(s.ReadyAt); wait < tt.postponed-time.Second {
					t.Errorf("ready in %v, want %v", wait, tt.postponed)
				}
			})
		})
	}
}
