package paced

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smp/client/mock"
)

// What a session at rest leaves is used by another one that needs a connection soon,
// for a request that may be repeated. Each request goes out in its own session.
func TestAReleasedConnectionServesAnySession(t *testing.T) {
	for name, tt := range map[string]struct {
		first, second string
		method        string
		fresh         bool
		pause         time.Duration
		dials         int64
	}{
		"http":            {"http://shop.test/get", "http://other.test/get", "GET", false, 0, 1},
		"https":           {"https://shop.test/get", "https://shop.test/get", "GET", false, connectLead - 1, 1},
		"another host":    {"https://shop.test/get", "https://other.test/get", "GET", false, 0, 2},
		"a while after":   {"https://shop.test/get", "https://shop.test/get", "GET", false, connectLead, 2},
		"a POST":          {"https://shop.test/get", "https://shop.test/post", "POST", false, 0, 2},
		"on a new one":    {"https://shop.test/get", "https://shop.test/get", "GET", true, 0, 2},
		"a PUT":           {"https://shop.test/get", "https://shop.test/put", "PUT", false, 0, 1},
		"a PUT of a body": {"https://shop.test/get", "https://shop.test/put", "PUT body", false, 0, 2},
		"a failed answer": {"https://shop.test/status/503", "https://shop.test/get", "GET", false, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, mock.Config{IPs: 2})
				lanes := []*Lane{{IPAsked: true}, {IPAsked: true, fresh: tt.fresh}}
				for _, lane := range lanes {
					lane.Session = w.job(w.NewSession(), tt.first).Session
				}
				before := w.Dials.Load()
				w.step(lanes[0], http.MethodGet, tt.first)
				w.fetcher.Release(lanes[0])
				time.Sleep(tt.pause)
				synctest.Wait()
				w.step(lanes[1], tt.method, tt.second)
				lanes[1].Close()
				if n := w.Dials.Load() - before; n != tt.dials {
					t.Errorf("%d connections, want %d", n, tt.dials)
				}
				w.CheckPace()
			})
		})
	}
}

// step sends a request in a lane, whose answer must be of the lane's session.
func (w *world) step(lane *Lane, method, target string) {
	w.t.Helper()
	job := w.job("", target)
	job.Request.Method, _, _ = strings.Cut(method, " ")
	if job.Request.Method != method {
		job.Request.Length = 4
		job.Request.Body = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("body")), nil }
	}
	run := w.fetcher.Begin(job)
	if _, err := run.Step(w.t.Context(), lane); err != nil {
		w.t.Fatal(err)
	}
	if got := run.Result().Response.Service.Session; got != lane.id() {
		w.t.Errorf("an answer of session %s to a request of %s", got, lane.id())
	}
	run.Discard()
}

// After a released connection that had ended, each lane keeps to its own: an end costs a
// session its slot.
func TestAReleasedConnectionThatEndedIsTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{IPs: 3})
		requests := 0
		w.Intercept(func(request string) (time.Duration, error) {
			if strings.HasPrefix(request, "GET ") {
				if requests++; requests == 2 {
					return 0, net.ErrClosed
				}
			}
			return 0, nil
		})
		w.fetcher.Client = w.Client
		before := w.Dials.Load()
		for range 3 {
			lane := &Lane{IPAsked: true, Session: w.job(w.NewSession(), "http://shop.test/").Session}
			w.step(lane, http.MethodGet, "http://shop.test/get")
			w.fetcher.Release(lane)
		}
		if n := w.Dials.Load() - before - 1; n != 3 { // one is the sessions API's
			t.Errorf("%d connections, want one for each session", n)
		}
		if requests != 4 {
			t.Errorf("%d requests, want 4", requests)
		}
		w.CheckPace()
	})
}

// An answer to another session's request is no answer, and the last on such a connection.
func TestAnAnswerOfAnotherSessionIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{IPs: 3})
		var ids []string
		for range 3 {
			ids = append(ids, w.NewSession())
		}
		w.Connect(func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := w.Mock.DialContext(ctx, network, addr)
			return &renamingConn{conn, strings.NewReplacer("Session: "+ids[1], "Session: "+ids[0])}, err
		})
		w.fetcher.Client = w.Client
		for i, id := range ids {
			lane := &Lane{IPAsked: true, Session: w.job(id, "http://shop.test/").Session}
			run := w.fetcher.Begin(w.job("", "http://shop.test/get"))
			action, err := run.Step(t.Context(), lane)
			run.Discard()
			if failed := asClientError(err); (failed != nil) != (i == 1) || action != Return {
				t.Errorf("the answer to request %d: %v", i, err)
			}
			w.fetcher.Release(lane)
		}
		if n := w.Dials.Load(); n != 3 { // one for the sessions API
			t.Errorf("%d connections, want 3", n)
		}
	})
}

// Where answers do not name their session, as those of Zyte API, a stray one could not be
// told from the right one: each lane keeps to its own connections. So does a request
// without a session, and one that makes its session.
func TestAnswersWithoutANameShareNoConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		names := true
		f, _ := newFetcher(t, func(w http.ResponseWriter, r *http.Request) {
			if names {
				w.Header().Set("X-Crawlera-Session", r.Header.Get("X-Crawlera-Session"))
			}
		})
		lane := func(kind RefKind, id string) *Lane { return &Lane{IPAsked: true, Session: Ref{Kind: kind, Value: id}} }
		leave := func(id string) (left int) {
			l := lane(RefID, id)
			if err := attempt(t, f, l, 0); err != nil {
				t.Fatal(err)
			}
			f.Release(l)
			return len(f.spare.conns)
		}
		if left := leave("1"); left != 1 {
			t.Fatalf("%d connections are left", left)
		}
		for _, l := range []*Lane{lane(RefNone, ""), lane(RefCreate, "")} {
			if err := attempt(t, f, l, 0); err != nil || len(f.spare.conns) != 1 {
				t.Errorf("%v; %d connections are left to others", err, len(f.spare.conns))
			}
			l.Close()
		}
		names = false
		second := lane(RefID, "2")
		if err := attempt(t, f, second, 0); asClientError(err) == nil {
			t.Errorf("an answer of nobody on a connection of session 1: %v", err)
		}
		f.apart.Store(false)
		if left := leave("3"); left != 0 {
			t.Errorf("%d connections are left, whose answers name nobody", left)
		}
	})
}

// renamingConn alters what comes back.
type renamingConn struct {
	net.Conn
	names *strings.Replacer
}

func (c *renamingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	return copy(p, c.names.Replace(string(p[:n]))), err
}

// What is released and not used is closed; nothing else of the lane changes.
func TestReleasedConnectionsAreClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		lane := &Lane{IPAsked: true, Session: w.job(w.NewSession(), "http://shop.test/").Session}
		w.fetcher.Release(lane) // has none
		w.step(lane, http.MethodGet, "http://shop.test/get")
		conn := lane.conn
		w.fetcher.Release(lane)
		w.fetcher.CloseIdleConnections()
		if conn.Idle() || lane.conn != nil || lane.id() == "" {
			t.Error("the connection is open, or the lane still has it")
		}
		w.step(lane, http.MethodGet, "http://shop.test/get")
		conn = lane.conn
		w.fetcher.Release(lane)
		time.Sleep(connectLead)
		synctest.Wait()
		if conn.Idle() {
			t.Error("the connection is open for longer than any lane connects before its slot")
		}
	})
}

func TestTheFastestDialIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		if d := w.fetcher.FastestDial(); d != 0 {
			t.Errorf("%v before the first", d)
		}
		for _, d := range []time.Duration{3, 0, 2} {
			w.fetcher.dials.took(d * time.Second)
			d = w.fetcher.FastestDial()
			if d <= 0 {
				t.Errorf("%v is as good as unknown", d)
			}
		}
		if d := w.fetcher.FastestDial(); d != 1 {
			t.Errorf("the fastest of 3 s, nothing and 2 s is %v", d)
		}
	})
}
