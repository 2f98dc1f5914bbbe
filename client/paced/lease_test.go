package paced

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"smp/client"
	"smp/client/internal/servicetest"
	"smp/client/ledger"
)

// newFetcher gives a fetcher of an answering service, and when each request came.
func newFetcher(t *testing.T, answer http.HandlerFunc) (*Fetcher, *[]time.Time) {
	t.Helper()
	came := new([]time.Time)
	dial := servicetest.Dial(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*came = append(*came, time.Now())
		w.Header().Set("X-Crawlera-Slave", "10.0.0.1:80")
		w.Header().Set("X-Crawlera-Version", "1")
		answer(w, r)
	}))
	c, err := client.New(client.Config{
		Endpoint:    &url.URL{Scheme: "http", Host: "service.test:8011"},
		Key:         "key",
		DialContext: dial,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &Fetcher{Client: c, Ledger: ledger.NewMemory(ledger.Options{})}, came
}

func attempt(t *testing.T, f *Fetcher, lane *Lane, delay time.Duration) error {
	t.Helper()
	pace := pace{Pace: ledger.Pace{Delay: delay, Patience: ledger.NoLimit}}
	answer, err := f.attempt(t.Context(), &client.Request{URL: &url.URL{Scheme: "http", Host: "shop.test", Path: "/"}}, pace, lane)
	if err == nil {
		_, _ = io.Copy(io.Discard, answer.Response.Body)
		err = answer.Response.Body.Close()
	}
	return err
}

func leased(id string) *Lane { return &Lane{Session: Ref{Kind: RefID, Value: id}, Lease: true} }

const pause = 12 * time.Second

// Requests without a delay go out as fast as they are answered. Whoever keeps a
// delay with the same IP starts a delay after the last of them.
func TestLeaseKeepsOthersAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, came := newFetcher(t, func(http.ResponseWriter, *http.Request) { time.Sleep(10 * time.Millisecond) })
		hasty, patient := leased("1"), leased("1")
		defer hasty.Close()
		defer patient.Close()
		began := time.Now()
		for range 50 {
			if err := attempt(t, f, hasty, 0); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took > 550*time.Millisecond {
			t.Errorf("fifty requests of 10 ms took %v", took)
		}
		if err := attempt(t, f, patient, pause); err != nil {
			t.Fatal(err)
		}
		last := len(*came) - 1
		gap := (*came)[last].Sub((*came)[last-1])
		if gap < pause || gap > pause+2*leaseTime {
			t.Errorf("the patient request came %v after the others", gap)
		}
	})
}

// Whoever keeps no delay waits for no lease, in the same session or on the same IP.
func TestLeaseKeepsNobodyInAHurryAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, came := newFetcher(t, func(http.ResponseWriter, *http.Request) {})
		began := time.Now()
		for _, lane := range []*Lane{leased("1"), leased("2"), {Session: Ref{Kind: RefID, Value: "1"}}} {
			if err := attempt(t, f, lane, 0); err != nil {
				t.Fatal(err)
			}
			lane.Close()
		}
		if took := time.Since(began); took > leaseTime/10 || len(*came) != 3 {
			t.Errorf("%d requests took %v", len(*came), took)
		}
	})
}

// A request without a delay keeps the delay of the one before it, also where the
// lane had a lease before.
func TestLeaseEndsWithADelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, came := newFetcher(t, func(http.ResponseWriter, *http.Request) {})
		lane := leased("1")
		defer lane.Close()
		for _, delay := range []time.Duration{0, pause, 0} {
			if err := attempt(t, f, lane, delay); err != nil {
				t.Fatal(err)
			}
		}
		for i, c := range (*came)[1:] {
			if gap := c.Sub((*came)[i]); gap < pause {
				t.Errorf("request %d came %v after the one before", i+2, gap)
			}
		}
	})
}

// What an answer under a lease says of the IP is for everybody.
func TestLeasePassesOnWhatAnswersSay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := 0
		f, _ := newFetcher(t, func(w http.ResponseWriter, _ *http.Request) {
			if n++; n == 3 {
				w.Header().Set("X-Crawlera-Next-Request-In", "300")
			}
		})
		lane := leased("1")
		defer lane.Close()
		for range 3 {
			if err := attempt(t, f, lane, 0); err != nil {
				t.Fatal(err)
			}
		}
		_, err := f.Ledger.Reserve("1", ledger.Pace{Patience: 0})
		late, ok := errors.AsType[*ledger.TooLate](err)
		if !ok || late.Wait < 299*time.Second {
			t.Errorf("the next request may start: %v", err)
		}
	})
}

func TestLeasedRequestsAreCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, _ := newFetcher(t, func(http.ResponseWriter, *http.Request) { time.Sleep(20 * time.Millisecond) })
		lane := leased("1")
		defer lane.Close()
		for range 20 {
			if err := attempt(t, f, lane, 0); err != nil {
				t.Fatal(err)
			}
		}
		s, ok, err := f.Ledger.Session("1")
		if err != nil || !ok || s.Requests > 20 || s.Requests < 7 {
			t.Errorf("the ledger knows of %d requests of 20 (%v, %v)", s.Requests, ok, err)
		}
	})
}

// Fetches one after the other share the lease that goes with their connection, and
// all are counted in the end.
func TestFetchesShareALease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, came := newFetcher(t, func(http.ResponseWriter, *http.Request) { time.Sleep(20 * time.Millisecond) })
		f.Lease, f.KeepAlive = true, time.Minute
		for range 10 {
			if err := fetchOnce(t, f); err != nil {
				t.Fatal(err)
			}
		}
		if n := requestsOf(t, f); n != 1 {
			t.Errorf("the ledger was told of %d requests within one lease", n)
		}
		f.CloseIdleConnections()
		if n := requestsOf(t, f); n != 10 || len(*came) != 10 {
			t.Errorf("the ledger knows of %d requests of %d", n, len(*came))
		}
	})
}

// A connection that nobody uses any more counts what its lease left uncounted.
func TestLeaseIsSettledWithItsConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, _ := newFetcher(t, func(http.ResponseWriter, *http.Request) {})
		f.Lease, f.KeepAlive = true, time.Minute
		for range 3 {
			if err := fetchOnce(t, f); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(2 * time.Minute)
		if n := requestsOf(t, f); n != 3 {
			t.Errorf("the ledger knows of %d requests of 3", n)
		}
	})
}

// A session has the region of its first request: another one is looked at.
func TestLeaseIsForOneRegion(t *testing.T) {
	t.Parallel()
	l := lease{session: "1", region: "DE", until: time.Now().Add(time.Minute)}
	for region, want := range map[string]bool{"DE": true, "US": false, "": false} {
		if l.covers(leased("1"), pace{Pace: ledger.Pace{Region: region}}) != want {
			t.Errorf("a lease of DE covers a request to %q: %t", region, !want)
		}
	}
}

func fetchOnce(t *testing.T, f *Fetcher) error {
	t.Helper()
	result, err := f.Fetch(t.Context(), &Job{
		Session: Ref{Kind: RefID, Value: "1"}, Delay: func(string) time.Duration { return 0 },
		Request: client.Request{URL: &url.URL{Scheme: "http", Host: "shop.test", Path: "/"}},
	})
	if err == nil {
		_, _ = io.Copy(io.Discard, result.Response.Body)
		err = result.Response.Body.Close()
	}
	return err
}

func requestsOf(t *testing.T, f *Fetcher) int64 {
	t.Helper()
	s, _, err := f.Ledger.Session("1")
	if err != nil {
		t.Error(err)
	}
	return s.Requests
}
