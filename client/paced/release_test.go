package paced

import (
	"net/http"
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
	job.Request.Method = method
	run := w.fetcher.Begin(job)
	if _, err := run.Step(w.t.Context(), lane); err != nil {
		w.t.Fatal(err)
	}
	if got := run.Result().Response.Service.Session; got != lane.id() {
		w.t.Errorf("an answer of session %s to a request of %s", got, lane.id())
	}
	run.Discard()
}

// At a service that binds a connection to the session of its first request, none is
// released any more once that has shown.
func TestASharedConnectionThatMixesSessionsUpIsTheLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, _ := newFetcher(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Crawlera-Session", "1")
		})
		for id, kept := range map[string]int{"1": 1, "2": 0} {
			lane := &Lane{Session: Ref{Kind: RefID, Value: id}}
			if err := attempt(t, f, lane, 0); err != nil {
				t.Fatal(err)
			}
			f.Release(lane)
			if n := len(f.spare.takeAll()); n != kept {
				t.Errorf("after an answer of session 1 to session %s %d connections are left, want %d", id, n, kept)
			}
			f.mixesUp.Store(false)
		}
	})
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
