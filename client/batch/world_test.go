package batch

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"smp/client"
	"smp/client/internal/servicetest"
	"smp/client/mock"
	"smp/client/paced"
)

// delay is what the service asks for by default.
const delay = servicetest.Delay

// world is a service and a fetcher of it.
type world struct {
	*servicetest.Service
	fetcher *paced.Fetcher
	events  servicetest.Events
}

func newWorld(t testing.TB, cfg mock.Config) *world {
	t.Helper()
	w := &world{Service: servicetest.New(t, cfg)}
	w.fetcher = &paced.Fetcher{Client: w.Client, Ledger: w.Ledger}
	return w
}

func told[E Event](w *world) []E { return servicetest.Told[E](&w.events) }

// meddle has every request pass through f before it is sent, see Intercept.
func (w *world) meddle(f func(request string) (late time.Duration, err error)) {
	w.Intercept(f)
	w.fetcher.Client = w.Client
}

// connect makes the fetcher reach the service by dial.
func (w *world) connect(dial func(context.Context, string, string) (net.Conn, error)) {
	w.Connect(dial)
	w.fetcher.Client = w.Client
}

// config is for lines that are fetched as they are, each IP every delay.
func (w *world) config(sessions int, delay time.Duration) Config {
	return Config{
		Fetcher:  w.fetcher,
		Sessions: sessions,
		Service:  "here",
		Job:      paced.Job{Delay: func(string) time.Duration { return delay }, Rules: paced.Rules{Retry: 2}},
		Request: func(line *Line) (client.Request, error) {
			u, err := url.Parse(line.URL)
			return client.Request{Method: max(line.Method, "GET"), URL: u}, err
		},
		Notify: func(e Event) { w.events.Add(e) },
	}
}

// clean fails the test if a request came too early or a session is left.
func (w *world) clean(t testing.TB) {
	t.Helper()
	w.CheckPace()
	if left := w.Sessions(); len(left) > 0 {
		t.Errorf("sessions are left: %v", left)
	}
}

// list is one of n lines.
func list(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "http://shop.test/anything/%d\n", i+1)
	}
	return b.String()
}

// results are the records that a run wrote, by line.
type results map[int][]*Record

// sink keeps records in memory.
type memorySink struct {
	mu      sync.Mutex
	done    *Done
	results results
	failAt  int // the write that fails; 0 for none
	writes  int
}

func newSink() *memorySink { return &memorySink{results: results{}} }

func (s *memorySink) keep(_ *Line, record *Record, body io.Reader) error {
	return copyBody(io.Discard, body, record)
}

func (s *memorySink) write(record *Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writes++; s.writes == s.failAt {
		return io.ErrShortWrite
	}
	s.results[record.Line] = append(s.results[record.Line], record)
	return nil
}

func (s *memorySink) finished() *Done       { return s.done }
func (s *memorySink) sessions() *sessionLog { return nil }

// complete fails the test unless each of n lines has one success.
func (s *memorySink) complete(t testing.TB, n int) {
	t.Helper()
	if len(s.results) != n {
		t.Errorf("%d lines have a result, want %d", len(s.results), n)
	}
	for line, records := range s.results {
		if len(records) != 1 || records[0].Error != nil {
			t.Errorf("line %d has %d results, the first: %+v", line, len(records), records[0].Error)
		}
	}
}

// slowOrigin is a target that takes its time.
func slowOrigin(d time.Duration) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(d):
		case <-r.Context().Done():
		}
	})
}

// open is how many of the lines read have no result.
func open(p Progress) int { return p.Lines - p.Skipped - p.Succeeded - p.Failed }
