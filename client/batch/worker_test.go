package batch

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"smp/client"
	"smp/client/internal/servicetest"
	"smp/client/mock"
	"smp/client/paced"
)

// arrivals are when requests came, by what they have in common.
type arrivals struct {
	mu   sync.Mutex
	came map[string][]time.Time
}

// note notes a request, and says how many came before.
func (a *arrivals) note(key string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.came == nil {
		a.came = map[string][]time.Time{}
	}
	a.came[key] = append(a.came[key], time.Now())
	return len(a.came[key]) - 1
}

// longest is the longest wait before request n, from 1, and fails the test if nobody
// sent so many.
func (a *arrivals) longest(t *testing.T, n int) (longest time.Duration) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, came := range a.came {
		if n < len(came) {
			longest = max(longest, came[n].Sub(came[n-1]))
		}
	}
	if longest == 0 {
		t.Errorf("nobody waited before request %d", n)
	}
	return longest
}

// drawn fails the test unless the longest of a hundred waits, each a random part of
// bound, is of it.
func drawn(t *testing.T, what string, longest, bound time.Duration) {
	t.Helper()
	if longest > bound+time.Second/10 || longest < bound*3/4 {
		t.Errorf("%s: the longest wait was %v, want nearly %v", what, longest, bound)
	}
}

// given are a hundred sessions that the run need not make.
func given() (refs []paced.Ref) {
	for i := range 100 {
		refs = append(refs, paced.Ref{Kind: paced.RefID, Value: strconv.Itoa(i + 1)})
	}
	return refs
}

// refusing makes the service refuse requests in its own words where busy says so, by
// the session and the number of its requests before.
func (w *world) refusing(t *testing.T, busy func(n int) bool) *arrivals {
	all := &arrivals{}
	w.connect(servicetest.Dial(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("X-Crawlera-Version", "1")
		session := r.Header.Get("X-Crawlera-Session")
		if busy(all.note(session)) {
			rw.Header().Set("X-Crawlera-Error", "serverbusy")
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		rw.Header().Set("X-Crawlera-Slave", "10.0.0."+session)
	})))
	return all
}

// A session rests longer after each failure in a row that any other line would meet
// with, and an answer ends the row.
func TestARestGrowsWithTheFailuresInARow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		came := w.refusing(t, func(n int) bool { return n != 3 })
		config := w.config(0, 0)
		config.Given, config.Job.Retry = given(), 0
		if _, err := run(t, config, 700, newSink()); err != nil {
			t.Fatal(err)
		}
		drawn(t, "after a failure", came.longest(t, 1), time.Second)
		drawn(t, "after two", came.longest(t, 2), 2*time.Second)
		drawn(t, "after three", came.longest(t, 3), 4*time.Second)
		drawn(t, "after an answer and a failure", came.longest(t, 5), time.Second)
	})
}

// A line waits before it is tried again, longer each time, though sessions are free.
func TestALineWaitsBeforeEachRepetition(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{Delay: -1, Faults: []mock.Fault{{Name: "econnreset", On: "target"}}})
		came := &arrivals{}
		w.meddle(func(request string) (time.Duration, error) {
			if path, found := strings.CutPrefix(request, "GET http://shop.test"); found {
				came.note(path[:strings.IndexByte(path, ' ')])
			}
			return 0, nil
		})
		config := w.config(200, 0)
		config.Job.Retry = 3
		b, err := run(t, config, 100, newSink())
		if err != nil {
			t.Fatal(err)
		}
		if p := b.Progress(); p.Retried != 300 || p.Failed != 100 {
			t.Errorf("%d lines were repeated, %d failed", p.Retried, p.Failed)
		}
		drawn(t, "the first", came.longest(t, 1), time.Second)
		drawn(t, "the second", came.longest(t, 2), 2*time.Second)
		drawn(t, "the third", came.longest(t, 3), 4*time.Second)
	})
}

// Requests without a delay do not go through the ledger each.
func TestWorkersWithoutADelayLeaseTheirSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var w *world
		known := int64(0)
		w = newWorld(t, mock.Config{Delay: -1, Origin: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			time.Sleep(10 * time.Millisecond)
			if r.URL.Path == "/anything/20" {
				for _, s := range w.Sessions() {
					entry, _, _ := w.Ledger.Session(s.ID)
					known = entry.Requests
				}
			}
		})})
		if _, err := run(t, w.config(1, 0), 20, newSink()); err != nil {
			t.Fatal(err)
		}
		if known < 1 || known > 10 {
			t.Errorf("the ledger was told of %d requests, one by one", known)
		}
	})
}

// brokenSink's bodies break off for a reason of its own, so many times.
type brokenSink struct {
	*memorySink
	broken int
}

var errOfItsOwn = errors.New("no such coding")

func (s *brokenSink) keep(line *Line, record *Record, body io.Reader) error {
	if s.broken > 0 {
		s.broken--
		return &bodyError{errOfItsOwn}
	}
	return s.memorySink.keep(line, record, body)
}

// A body that broke off is fetched again, whatever it broke off with, and the failure
// says what.
func TestABodyThatBreaksOffIsFetchedAgain(t *testing.T) {
	t.Parallel()
	for broken, failed := range map[int]bool{2: false, 3: true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, mock.Config{})
			sink := &brokenSink{newSink(), broken}
			b, err := run(t, w.config(1, delay), 1, sink)
			if err != nil {
				t.Fatal(err)
			}
			record := sink.results[1][0]
			if record.Attempts != 3 || (record.Error != nil) != failed {
				t.Errorf("after %d broken bodies: %d requests, %+v", broken, record.Attempts, record.Error)
			}
			if !failed {
				return
			}
			const want = "read the answer of http://shop.test/anything/1: no such coding"
			if record.Error.Message != want || b.Progress().Failures["network"] != 1 {
				t.Errorf("got %q of %v", record.Error.Message, b.Progress().Failures)
			}
			if told := told[LineFailed](w); len(told) != 1 || told[0].Number != 1 || told[0].Err == nil || told[0].Err.Error() != want {
				t.Errorf("told %v", told)
			}
			w.clean(t)
		})
	}
}

// The first status that counts as a failure is 400.
func TestFailBeginsAt400(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{Origin: statusOrigin{}}), newSink()
		config := w.config(2, delay)
		config.Fail = true
		lines := "http://shop.test/399\nhttp://shop.test/400\n"
		if err := New(config).Run(context.Background(), NewReader(strings.NewReader(lines)), sink); err != nil {
			t.Fatal(err)
		}
		good, bad := sink.results[1][0], sink.results[2][0]
		if good.Error != nil || bad.Error == nil {
			t.Fatalf("399: %v, 400: %v", good.Error, bad.Error)
		}
		if bad.Error.Message != "the target answered 400 Bad Request" || bad.Error.Status != 400 {
			t.Errorf("got %+v", bad.Error)
		}
	})
}

// statusOrigin answers as the path says.
type statusOrigin struct{}

func (statusOrigin) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	status, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
	rw.WriteHeader(status)
}

// countedConn counts itself until it is closed.
type countedConn struct {
	net.Conn
	open *atomic.Int64
	once sync.Once
}

func (c *countedConn) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}

// A session that rests for long holds no connection meanwhile.
func TestARestingSessionHoldsNoConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		var open atomic.Int64
		w.connect(func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := w.Mock.DialContext(ctx, network, addr)
			open.Add(1)
			return &countedConn{Conn: conn, open: &open}, err
		})
		var held atomic.Int64
		held.Store(-1)
		time.AfterFunc(delay/2, func() { held.Store(open.Load()) })
		made, err := w.fetcher.NewSession(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		before := open.Load() // of the sessions API
		config := w.config(0, delay)
		config.Given = []paced.Ref{{Kind: paced.RefID, Value: made.ID}}
		if _, err := run(t, config, 2, newSink()); err != nil {
			t.Fatal(err)
		}
		if held := held.Load(); held != before {
			t.Errorf("%d connections are open in mid-rest, %d before", held, before)
		}
	})
}

// A body too big for its sink is not read on: the connection goes.
func TestATooBigBodyIsNotReadToItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sent atomic.Int64
		const size = 40 << 20
		w := newWorld(t, mock.Config{Delay: -1, Origin: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/small" {
				return
			}
			rw.Header().Set("Content-Length", strconv.Itoa(size))
			for range size >> 20 {
				n, err := rw.Write(make([]byte, 1<<20))
				if sent.Add(int64(n)); err != nil {
					return
				}
			}
		})})
		b := New(w.config(1, 0))
		lines := "http://shop.test/big\nhttp://shop.test/small\n"
		if err := b.Run(context.Background(), NewReader(strings.NewReader(lines)), NewStream(io.Discard)); err != nil {
			t.Fatal(err)
		}
		if p := b.Progress(); p.Failed != 1 || p.Succeeded != 1 {
			t.Errorf("%d failed, %d succeeded", p.Failed, p.Succeeded)
		}
		if n := sent.Load(); n > size/2 {
			t.Errorf("%d bytes were read of a body of at most 8 MiB", n)
		}
	})
}

// Lines that are given up when the run is stopped hard have no result.
func TestALineCutOffHasNoResult(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{Origin: slowOrigin(time.Hour)}), newSink()
		ctx, stop := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { stop(io.ErrClosedPipe) })
		if err := runUntil(ctx, w.config(1, delay), 1, sink); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("got %v", err)
		}
		if len(sink.results) != 0 || len(told[LineFailed](w)) != 0 {
			t.Errorf("got %v, told %v", sink.results, told[LineFailed](w))
		}
		w.clean(t)
	})
}

// A line whose session another process has just used goes at the session's slot, and
// not later.
func TestASlotTakenByANeighbourCostsADelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		made, err := w.fetcher.NewSession(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		neighbour := paced.Job{
			Request: client.Request{URL: &url.URL{Scheme: "http", Host: "shop.test", Path: "/get"}},
			Session: paced.Ref{Kind: paced.RefID, Value: made.ID},
		}
		result, err := w.fetcher.Fetch(t.Context(), &neighbour)
		if err != nil {
			t.Fatal(err)
		}
		result.Response.Body.Close()
		config := w.config(0, delay)
		config.Given = []paced.Ref{neighbour.Session}
		began := time.Now()
		if _, err := run(t, config, 1, newSink()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < delay || took > delay+time.Second/5 {
			t.Errorf("took %v, want %v", took, delay)
		}
		w.CheckPace()
	})
}

// A service that names no outgoing IPs is asked for them once, and not again before
// each session's first request.
func TestIPsThatTheServiceDoesNotTellAreAskedForOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		var made, lists atomic.Int64
		w.connect(servicetest.Dial(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("X-Crawlera-Version", "1")
			switch {
			case r.URL.Host != "":
			case r.Method == http.MethodPost:
				_, _ = io.WriteString(rw, strconv.FormatInt(made.Add(1), 10)+"\n")
			case r.Method == http.MethodGet:
				lists.Add(1)
			}
		})))
		if _, err := run(t, w.config(4, delay), 4, newSink()); err != nil {
			t.Fatal(err)
		}
		if made.Load() != 4 || lists.Load() != 1 {
			t.Errorf("the service was asked %d times for the IPs of %d sessions", lists.Load(), made.Load())
		}
	})
}

// First requests go out one after another, but none waits for another's answer.
func TestFirstRequestsWaitForNoAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const sessions, held = maxStarting + 40, 10 * time.Second
		w := newWorld(t, mock.Config{IPs: sessions, Origin: slowOrigin(held)})
		began := time.Now()
		if _, err := run(t, w.config(sessions, delay), sessions, newSink()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > held+held/10 {
			t.Errorf("took %v, want %v", took, held)
		}
	})
}

// A head that cannot be read is the target's doing, and rests no session.
func TestATargetWithABadHeadRestsNoSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{Delay: -1})
		served := 0
		w.connect(servicetest.Dial(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/sessions":
				_, _ = io.WriteString(rw, "1\n")
			case served < 9:
				served++
				rw.Header().Set("Odd", strings.Repeat("x", 400<<10))
			default:
				rw.Header().Set("X-Crawlera-Slave", "10.0.0.1:80")
			}
		})))
		hurriesThrough(t, w)
	})
}

// An answer that counts as a failure leaves its connection to the next line.
func TestAFailedStatusKeepsTheConnection(t *testing.T) {
	t.Parallel()
	dials := map[bool]int64{}
	for _, fail := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, mock.Config{Delay: -1, Origin: http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
				rw.WriteHeader(http.StatusNotFound)
				_, _ = io.WriteString(rw, "nothing here")
			})})
			config := w.config(1, 0)
			config.Fail = fail
			if _, err := run(t, config, 10, newSink()); err != nil {
				t.Fatal(err)
			}
			dials[fail] = w.Dials.Load()
		})
	}
	if dials[true] != dials[false] {
		t.Errorf("%d connections for ten failures, %d for ten answers", dials[true], dials[false])
	}
}

// Who may not wait for a slow list of sessions rests before it asks again.
func TestAWorkerRestsBehindASlowNeighbour(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		w.meddle(func(request string) (late time.Duration, err error) {
			if strings.HasPrefix(request, "GET /sessions ") {
				late = 30 * time.Second
			}
			return late, nil
		})
		config := w.config(0, delay) // a second for the list, and a second's rest
		for range 3 {
			config.Given = append(config.Given, paced.Ref{Kind: paced.RefID, Value: w.NewSession()})
		}
		sink := newSink()
		if _, err := run(t, config, 3, sink); err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 3)
		if n := len(told[SlowNeighbour](w)); n < 5 || n > 7 { // until no other session was used within the delay
			t.Errorf("asked %d times in a delay, want 6", n)
		}
	})
}
