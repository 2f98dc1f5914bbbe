package paced

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/client/mock"
)

// delay is what the service asks for by default.
const delay = 12 * time.Second

// world is a mock service and one machine's client and ledger, joined in memory,
// so that it can live in virtual time.
type world struct {
	t       *testing.T
	mock    *mock.Server
	fetcher *Fetcher
	dials   atomic.Int64

	mu     sync.Mutex
	events []Event
}

func newWorld(t *testing.T, cfg mock.Config) *world {
	t.Helper()
	server, err := mock.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	w := &world{t: t, mock: server}
	c, err := client.New(client.Config{
		Endpoint: &url.URL{Scheme: "http", Host: "mock.test:8011"},
		Key:      "test",
		CACert:   server.CACert(),
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			w.dials.Add(1)
			return server.DialContext(ctx, network, addr)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.fetcher = &Fetcher{Client: c, Ledger: ledger.NewMemory(ledger.Options{}), Notify: w.note}
	return w
}

func (w *world) note(e Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

// told gives the events of one kind.
func told[E Event](w *world) []E {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []E
	for _, e := range w.events {
		if e, ok := e.(E); ok {
			found = append(found, e)
		}
	}
	return found
}

// session makes a session at the service, which the ledger is not told of.
func (w *world) session() string {
	w.t.Helper()
	s, err := w.fetcher.Client.CreateSession(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return s.ID
}

// kill deletes a session behind the ledger's back.
func (w *world) kill(id string) {
	w.t.Helper()
	if err := w.fetcher.Client.DeleteSession(w.t.Context(), id); err != nil {
		w.t.Fatal(err)
	}
}

// alive counts the sessions of the service.
func (w *world) alive() int {
	w.t.Helper()
	list, err := w.fetcher.Client.ListSessions(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return len(list)
}

// job fetches target in the session that ref names, with no limit of patience.
func (w *world) job(ref, target string) *Job {
	w.t.Helper()
	job := &Job{
		Request: client.Request{Method: http.MethodGet, URL: mustURL(w.t, target)},
		Delay:   func(string) time.Duration { return delay },
	}
	if ref != "" {
		var err error
		if job.Session, err = ParseRef(ref); err != nil {
			w.t.Fatal(err)
		}
	}
	return job
}

// fetch does a job to the end of its body.
func (w *world) fetch(job *Job) (*Result, error) {
	w.t.Helper()
	result, err := w.fetcher.Fetch(w.t.Context(), job)
	if err == nil {
		if err := result.Response.Body.Close(); err != nil {
			w.t.Error(err)
		}
	}
	return result, err
}

// must is fetch for jobs that cannot fail.
func (w *world) must(job *Job) *Result {
	w.t.Helper()
	result, err := w.fetch(job)
	if err != nil {
		w.t.Error(err)
	}
	return result
}

// inTime fails the test if a request came before its slot.
func (w *world) inTime() {
	w.t.Helper()
	if v := w.mock.Verdict(); len(v.Violations) > 0 {
		w.t.Errorf("%d of %d requests came too early, the first: %+v", len(v.Violations), v.Requests, v.Violations[0])
	}
}
