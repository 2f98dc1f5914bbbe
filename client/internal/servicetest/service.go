// Package servicetest joins a mock service, a client and a ledger by connections in
// memory. Tests of what stands on them can then live in virtual time.
package servicetest

import (
	"context"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/client/mock"
)

// Delay is what the mock asks for by default.
const Delay = 12 * time.Second

// Service is a mock service and one machine that knows it.
type Service struct {
	Mock   *mock.Server
	Client *client.Client
	Ledger *ledger.Ledger
	Dials  atomic.Int64 // connections made by Client

	kind *client.Service
	t    testing.TB
}

// New starts a service, which ends with the test. Inside of a synctest bubble it lives
// in the bubble's time.
func New(t testing.TB, cfg mock.Config) *Service {
	t.Helper()
	server, err := mock.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	s := &Service{Mock: server, kind: client.SPM, t: t}
	if cfg.Service == mock.ServiceZyteAPI {
		s.kind = client.ZyteAPI
	}
	s.Ledger = ledger.NewMemory(ledger.Options{Life: ledger.Life(s.kind.Life)})
	s.Connect(server.DialContext)
	return s
}

// Connect makes a new Client, which reaches the service by dial.
func (s *Service) Connect(dial func(context.Context, string, string) (net.Conn, error)) {
	s.t.Helper()
	c, err := client.New(client.Config{
		Service:  s.kind,
		Endpoint: &url.URL{Scheme: "http", Host: "mock.test:8011"},
		Key:      "test",
		CACert:   s.Mock.CACert(),

		ReadBuffer: 4 << 10, // there may be thousands of connections
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			s.Dials.Add(1)
			return dial(ctx, network, addr)
		},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.Client = c
}

// NewSession makes a session at the service, which the ledger is not told of.
func (s *Service) NewSession() string {
	s.t.Helper()
	made, err := s.Client.CreateSession(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	return made.ID
}

// Delete ends a session behind the ledger's back.
func (s *Service) Delete(id string) {
	s.t.Helper()
	if err := s.Client.DeleteSession(context.Background(), id); err != nil {
		s.t.Fatal(err)
	}
}

// Sessions lists what is alive at the service.
func (s *Service) Sessions() []client.Session {
	s.t.Helper()
	list, err := s.Client.ListSessions(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

// CheckPace fails the test if a request came before its slot.
func (s *Service) CheckPace() {
	s.t.Helper()
	if v := s.Mock.Verdict(); len(v.Violations) > 0 {
		s.t.Errorf("%d of %d requests came too early, the first: %+v", len(v.Violations), v.Requests, v.Violations[0])
	}
}

// Events keeps what a test is told. The zero value is ready for use, and safe for
// concurrent use.
type Events struct {
	mu  sync.Mutex
	all []any
}

// Add keeps an event.
func (e *Events) Add(event any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, event)
}

// Told returns the events of one type, in their order.
func Told[E any](e *Events) []E {
	e.mu.Lock()
	defer e.mu.Unlock()
	var found []E
	for _, event := range e.all {
		if event, ok := event.(E); ok {
			found = append(found, event)
		}
	}
	return found
}
