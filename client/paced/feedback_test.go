package paced

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"smp/client"
	"smp/client/internal/servicetest"
	"smp/client/ledger"
	"smp/client/mock"
)

// What the service wants to wait is told once for each answer that says so, with whom
// it concerns.
func TestAWishToWaitIsTold(t *testing.T) {
	const noIP = ""
	for name, tt := range map[string]struct {
		session, ip, next, after string
		want                     []Postponed
	}{
		"nothing":              {"1", "10.0.0.1", "", "", nil},
		"a moment":             {"1", "10.0.0.1", "0", "", nil},
		"a session and its IP": {"1", "10.0.0.1", "300", "", []Postponed{{Session: "1", IP: "10.0.0.1", By: 300 * time.Second}}},
		"an IP alone":          {"", "10.0.0.1", "300", "", []Postponed{{IP: "10.0.0.1", By: 300 * time.Second}}},
		"a session alone":      {"1", noIP, "", "200", []Postponed{{Session: "1", By: 200 * time.Second}}},
		"the longer of two":    {"1", noIP, "300", "200", []Postponed{{Session: "1", By: 300 * time.Second}}},
		"nobody":               {"", noIP, "", "200", nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, _ := newFetcher(t, func(w http.ResponseWriter, _ *http.Request) {
					set := func(name, value string) {
						w.Header().Del(name)
						if value != "" {
							w.Header().Set(name, value)
						}
					}
					set("X-Crawlera-Slave", tt.ip)
					set("X-Crawlera-Next-Request-In", tt.next)
					set("Retry-After", tt.after)
					if tt.after != "" {
						w.WriteHeader(http.StatusServiceUnavailable)
					}
				})
				var events servicetest.Events
				f.Notify = func(e Event) { events.Add(e) }
				lane := &Lane{IPAsked: true}
				if tt.session != "" {
					lane.Session = Ref{Kind: RefID, Value: tt.session}
				}
				defer lane.Close()
				_ = attempt(t, f, lane, pause)
				got := servicetest.Told[Postponed](&events)
				if len(got) != len(tt.want) || len(got) == 1 && got[0] != tt.want[0] {
					t.Errorf("told %+v, want %+v", got, tt.want)
				}
			})
		})
	}
}

// A new session is told, and is the ledger's own; what another
// request's answer names is not.
func TestANewSessionIsToldAndKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _ := newFetcher(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Crawlera-Session", "77") })
		var events servicetest.Events
		f.Notify = func(e Event) { events.Add(e) }
		other := &Lane{Session: Ref{Kind: RefID, Value: "1"}, IPAsked: true}
		defer other.Close()
		if err := attempt(t, f, other, pause); err != nil || other.id() != "1" || len(servicetest.Told[Created](&events)) != 0 {
			t.Errorf("%v; the lane is of %q, told %+v", err, other.id(), servicetest.Told[Created](&events))
		}
		lane := &Lane{Session: Ref{Kind: RefCreate}}
		defer lane.Close()
		if err := attempt(t, f, lane, pause); err != nil || lane.id() != "77" {
			t.Errorf("%v; the lane is of %q", err, lane.id())
		}
		want := Created{Session: "77"}
		if got := servicetest.Told[Created](&events); len(got) != 1 || got[0] != want {
			t.Errorf("told %+v, want %+v", got, want)
		}
		if s, known, err := f.Ledger.Session("77"); err != nil || !known || !s.Mine || s.IP != "10.0.0.1" {
			t.Errorf("the ledger knows %+v, %t, %v", s, known, err)
		}
	})
}

// A request that makes its session and is not given one stays without.
func TestAnAnswerThatNamesNoSessionMakesNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _ := newFetcher(t, func(http.ResponseWriter, *http.Request) {})
		lane := &Lane{Session: Ref{Kind: RefCreate}}
		defer lane.Close()
		run := f.Begin(&Job{Request: client.Request{URL: mustURL(t, "http://shop.test/")}})
		if _, err := run.Step(t.Context(), lane); err != nil {
			t.Fatal(err)
		}
		run.Discard()
		if result := run.Result(); result.Created || result.Session != "" || lane.Session.Kind != RefCreate {
			t.Errorf("%+v in the lane %+v", result, lane.Session)
		}
	})
}

// A timeout that has passed is one to whoever asks as package net has it.
func TestATimeoutSaysSo(t *testing.T) {
	err := &TimeoutError{After: 5 * time.Second}
	var timed interface{ Timeout() bool } = err
	if !timed.Timeout() || err.Error() != "timed out after 5s" {
		t.Errorf("got %v", err)
	}
}

// A session that the answer made and that cannot be written down is not used: the
// request fails, and the session is deleted.
func TestASessionThatCannotBeWrittenDownFailsItsRequest(t *testing.T) {
	service, err := mock.Start(mock.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	dir := filepath.Join(t.TempDir(), "state")
	disk, err := ledger.Open(dir, ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	endpoint, _, _ := client.ParseEndpoint(service.URL())
	c, err := client.New(client.Config{Endpoint: endpoint, Key: "test"})
	if err != nil {
		t.Fatal(err)
	}
	f := &Fetcher{Client: c, Ledger: disk}
	job := &Job{Request: client.Request{URL: mustURL(t, "http://shop.test/get")}, Session: Ref{Kind: RefCreate}, Unpaced: true}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir, []byte("in the way"), 0o600); err != nil {
		t.Fatal(err)
	}
	result, err := f.Fetch(t.Context(), job)
	if _, ok := errors.AsType[*ledger.StateError](err); !ok || result.Created || result.Response != nil {
		t.Errorf("%+v, %v", result, err)
	}
	left, err := c.ListSessions(context.Background())
	if err != nil || len(left) != 0 {
		t.Errorf("%d sessions are left, %v", len(left), err)
	}
}

// A request that waits for no slot waits for no turn.
func TestTurnIsNotTakenUnpaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		job := w.job(w.NewSession(), "http://shop.test/get")
		job.Unpaced = true
		job.Turn = func(context.Context) (func(), error) { return nil, errors.New("a turn") }
		w.must(job)
	})
}

// A session that is made here is told, and kept, as one of the service's is.
func TestASessionMadeHereIsToldAndKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newZyte(t, mock.Config{})
		w.must(w.job("create", "http://shop.test/get"))
		made := told[Created](w)
		if len(made) != 1 || made[0].Session == "" {
			t.Errorf("told %+v", made)
		}
		if s, known, err := w.Ledger.Session(made[0].Session); err != nil || !known || !s.Mine {
			t.Errorf("the ledger knows %+v, %t, %v", s, known, err)
		}
	})
}

// A neighbour may be asking the service for everybody's outgoing IPs. A request that
// may wait for nobody does not wait for that, and is not sent without the answer.
func TestABusyNeighbourStopsWhoMayNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		first, second := w.NewSession(), w.NewSession()
		w.must(w.job(first, "http://shop.test/get"))
		before := w.Mock.Verdict().Requests
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go func() {
			_ = w.fetcher.Ledger.Once(ctx, "sessions", ledger.Wait{Max: -1}, func(ctx context.Context) error {
				<-ctx.Done()
				return ctx.Err()
			})
		}()
		synctest.Wait()
		job := w.job(second, "http://shop.test/get")
		job.MaxWait = NoWait
		result, err := w.fetcher.Fetch(t.Context(), job)
		if _, busy := errors.AsType[*ledger.BusyError](err); !busy || result.Attempts != 0 || w.Mock.Verdict().Requests != before {
			t.Errorf("%v after %d requests", err, result.Attempts)
		}
	})
}

// A refusal that names a new session which cannot be written down is told as the
// refusal that it is.
func TestARefusalWithASessionThatIsLost(t *testing.T) {
	f, _ := newFetcher(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Del("X-Crawlera-Slave")
		w.Header().Set("X-Crawlera-Session", "77")
		w.Header().Set("X-Crawlera-Error", "banned")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	dir := filepath.Join(t.TempDir(), "state")
	disk, err := ledger.Open(dir, ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir, []byte("in the way"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.Ledger = disk
	lane := &Lane{Session: Ref{Kind: RefCreate}}
	defer lane.Close()
	refused := asClientError(attempt(t, f, lane, 0))
	if refused == nil || !refused.Banned() {
		t.Errorf("got %v", refused)
	}
}
