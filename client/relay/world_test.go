package relay

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"smp/client"
	"smp/client/authority"
	"smp/client/ledger"
	"smp/client/mock"
	"smp/client/paced"
)

// delay is what the service asks for by default.
const delay = 12 * time.Second

// world is a mock service, a relay to it, and a client of the relay, joined in memory
// so that all can live in virtual time.
type world struct {
	t      *testing.T
	mock   *mock.Server
	wire   *client.Client
	ledger *ledger.Ledger
	relay  *Server
	client *http.Client
	port   *pipeListener

	mu        sync.Mutex
	exchanges []*Exchange
	events    []paced.Event
}

func newWorld(t *testing.T, service mock.Config, change func(*Config)) *world {
	t.Helper()
	server, err := mock.New(service)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	kind, pause := client.SPM, delay
	if service.Service == mock.ServiceZyteAPI {
		kind, pause = client.ZyteAPI, 0
	}
	w := &world{t: t, mock: server, ledger: ledger.NewMemory(ledger.Options{Life: ledger.Life(kind.Life)})}
	w.wire, err = client.New(client.Config{
		Service:  kind,
		Endpoint: &url.URL{Scheme: "http", Host: "mock.test:8011"}, Key: "test", CACert: server.CACert(),
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			return buffered(server.DialContext(ctx, network, addr))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ca, err := authority.New("smp relay")
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		Fetcher:   &paced.Fetcher{Client: w.wire, Ledger: w.ledger, KeepAlive: time.Minute, Notify: w.note},
		Authority: ca,
		Job:       paced.Job{Delay: func(string) time.Duration { return pause }},
		Finished:  w.finished,
	}
	if change != nil {
		change(&cfg)
	}
	w.relay = New(cfg)
	w.port = &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	go func() { _ = w.relay.Serve(w.port, nil) }()
	w.client = w.newClient("")
	t.Cleanup(func() {
		w.client.CloseIdleConnections()
		_ = w.relay.Close()
		cfg.Fetcher.CloseIdleConnections()
	})
	return w
}

// newClient is a program that uses the relay, with the credentials of user.
func (w *world) newClient(user string) *http.Client {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(w.relay.cfg.Authority.CertPEM())
	proxy := &url.URL{Scheme: "http", Host: "127.0.0.1:8012"}
	if user != "" {
		name, password, _ := strings.Cut(user, ":")
		proxy.User = url.UserPassword(name, password)
	}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:              http.ProxyURL(proxy),
			DialContext:        w.port.DialContext,
			TLSClientConfig:    &tls.Config{RootCAs: roots},
			DisableCompression: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (w *world) note(e paced.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

func (w *world) finished(x *Exchange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.exchanges = append(w.exchanges, x)
}

// told gives what the relay has told of its requests.
func (w *world) told() []*Exchange {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]*Exchange(nil), w.exchanges...)
}

// session makes a session at the service.
func (w *world) session() string {
	w.t.Helper()
	s, err := w.wire.CreateSession(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return s.ID
}

// reply is an answer, read to its end.
type reply struct {
	*http.Response
	text string
}

// do sends a request and reads the answer; header is a list of names and values.
func (w *world) do(c *http.Client, method, target, body string, header ...string) (*reply, error) {
	r, err := http.NewRequestWithContext(w.t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	resp, err := c.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return &reply{resp, string(text)}, err
}

// get is do for what cannot fail.
func (w *world) get(target string, header ...string) *reply {
	w.t.Helper()
	r, err := w.do(w.client, http.MethodGet, target, "", header...)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// targets lists what the service was asked for, CONNECTs aside.
func (w *world) targets() []mock.Entry {
	var found []mock.Entry
	for _, e := range w.mock.Journal() {
		if e.Kind == "target" {
			found = append(found, e)
		}
	}
	return found
}

// inTime fails the test if a request came before its slot.
func (w *world) inTime() {
	w.t.Helper()
	for _, v := range w.mock.Verdict().Violations {
		w.t.Errorf("too early by %gs: %s", v.EarlyS, v.Target)
	}
}

// pipeListener accepts connections that are pipes in memory.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case l.conns <- there:
		return buffered(here, nil)
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// bufferedConn writes without waiting for the reader, as sockets do. Both ends of a
// pipe that say TLS's goodbye at once would else wait for one another, under a lock
// that virtual time does not see.
type bufferedConn struct {
	net.Conn
	mu      sync.Mutex
	pending []byte
	wake    chan struct{}
}

func buffered(c net.Conn, err error) (net.Conn, error) {
	if err != nil {
		return nil, err
	}
	b := &bufferedConn{Conn: c, wake: make(chan struct{}, 1)}
	go b.drain()
	return b, nil
}

func (b *bufferedConn) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pending = append(b.pending, p...)
	b.poke()
	return len(p), nil
}

func (b *bufferedConn) poke() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *bufferedConn) drain() {
	for range b.wake {
		b.mu.Lock()
		out := b.pending
		b.pending = nil
		b.mu.Unlock()
		if _, err := b.Conn.Write(out); err != nil {
			return
		}
	}
}

func (b *bufferedConn) Close() error {
	err := b.Conn.Close()
	b.poke()
	return err
}
