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
	"sync/atomic"
	"testing"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/client/mock"
	"smp/client/paced"
)

// delay is what the service asks for by default.
const delay = 12 * time.Second

// world is a mock service and one machine that knows it, joined by connections in
// memory, so that it can live in virtual time.
type world struct {
	mock    *mock.Server
	fetcher *paced.Fetcher

	mu     sync.Mutex
	events []Event
}

func newWorld(t testing.TB, cfg mock.Config) *world {
	t.Helper()
	server, err := mock.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	w := &world{mock: server}
	w.fetcher = &paced.Fetcher{Ledger: ledger.NewMemory(ledger.Options{})}
	w.connect(t, server.DialContext)
	return w
}

// connect makes the machine reach the service by dial.
func (w *world) connect(t testing.TB, dial func(context.Context, string, string) (net.Conn, error)) {
	t.Helper()
	c, err := client.New(client.Config{
		Endpoint:    &url.URL{Scheme: "http", Host: "mock.test:8011"},
		Key:         "test",
		CACert:      w.mock.CACert(),
		DialContext: dial,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.fetcher.Client = c
}

// meddle has every request pass through f before it is sent. An error breaks the
// connection; else the answer comes as late as f says.
func (w *world) meddle(t testing.TB, f func(request string) (late time.Duration, err error)) {
	w.connect(t, func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := w.mock.DialContext(ctx, network, addr)
		return &meddled{Conn: conn, before: f, closed: make(chan struct{})}, err
	})
}

type meddled struct {
	net.Conn
	before func(request string) (time.Duration, error)
	late   atomic.Int64
	closed chan struct{}
	once   sync.Once
}

func (m *meddled) Write(b []byte) (int, error) {
	late, err := m.before(string(b))
	if err != nil {
		return 0, err
	}
	m.late.Store(int64(late))
	return m.Conn.Write(b)
}

func (m *meddled) Read(b []byte) (int, error) {
	n, err := m.Conn.Read(b)
	if late := m.late.Swap(0); late > 0 {
		select {
		case <-time.After(time.Duration(late)):
		case <-m.closed:
		}
	}
	return n, err
}

func (m *meddled) Close() error {
	m.once.Do(func() { close(m.closed) })
	return m.Conn.Close()
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
		Notify: func(e Event) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.events = append(w.events, e)
		},
	}
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

// clean fails the test if a request came too early or a session is left.
func (w *world) clean(t testing.TB) {
	t.Helper()
	if verdict := w.mock.Verdict(); len(verdict.Violations) > 0 {
		t.Errorf("%d of %d requests came too early, the first: %+v", len(verdict.Violations), verdict.Requests, verdict.Violations[0])
	}
	if left := w.sessions(t); len(left) > 0 {
		t.Errorf("sessions are left: %v", left)
	}
}

func (w *world) sessions(t testing.TB) []client.Session {
	t.Helper()
	left, err := w.fetcher.Client.ListSessions(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return left
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
