package mock

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// pipes is a listener without sockets, so that a mock can live in a
// testing/synctest bubble.
type pipes struct {
	conns chan net.Conn
	gone  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), gone: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.gone:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.gone) }); return nil }
func (p *pipes) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "mock.test:8011" }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-p.gone:
		return nil, net.ErrClosed
	}
}

// world is a mock and a client of it.
type world struct {
	t    testing.TB
	mock *Server
	dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// inBubble serves a mock over pipes; it belongs in a synctest bubble.
func inBubble(t testing.TB, cfg Config) *world {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l := newPipes()
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return &world{t: t, mock: s, dial: l.dial}
}

// onLoopback serves a mock over sockets.
func onLoopback(t testing.TB, cfg Config) *world {
	t.Helper()
	s, err := Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	addr := strings.TrimPrefix(s.URL(), "http://")
	return &world{t: t, mock: s, dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", addr)
	}}
}

// reply is an answer that was read to its end, and the trouble there was.
type reply struct {
	*http.Response
	body string
	err  error
}

func (r reply) code() string { return r.Header.Get("X-Crawlera-Error") }

func basicAuth(key string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(key+":"))
}

// trust is what a client of the mock verifies targets with.
func (w *world) trust() *tls.Config {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(w.mock.CACert()) {
		w.t.Fatal("the CA's certificate is none")
	}
	return &tls.Config{RootCAs: pool}
}

// client is a proxied client with that key. It is the Go standard library's,
// which knows nothing of the service.
func (w *world) client(key string) *http.Client {
	transport := &http.Transport{
		Proxy:           http.ProxyURL(&url.URL{Scheme: "http", Host: "mock.test:8011", User: url.UserPassword(key, "")}),
		DialContext:     w.dial,
		TLSClientConfig: w.trust(),
		MaxIdleConns:    100,
	}
	w.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// get fetches a target once, on a connection of its own. Headers are "Name:
// value".
func (w *world) get(target string, headers ...string) reply {
	w.t.Helper()
	return w.do(w.t.Context(), w.request(http.MethodGet, target, nil, headers...))
}

func (w *world) request(method, target string, body io.Reader, headers ...string) *http.Request {
	w.t.Helper()
	r, err := http.NewRequest(method, target, body)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ":")
		r.Header[name] = append(r.Header[name], strings.TrimSpace(value))
	}
	return r
}

func (w *world) do(ctx context.Context, r *http.Request) reply {
	c := w.client("test")
	defer c.CloseIdleConnections()
	return readReply(c.Do(r.WithContext(ctx)))
}

func readReply(resp *http.Response, err error) reply {
	if err != nil {
		return reply{Response: &http.Response{Header: http.Header{}}, err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return reply{resp, string(body), err}
}

// api calls the sessions API or the control endpoints.
func (w *world) api(method, path, body string, headers ...string) reply {
	w.t.Helper()
	r := w.request(method, "http://127.0.0.1:8011"+path, strings.NewReader(body), headers...)
	if r.Header.Get("Authorization") == "" {
		r.Header.Set("Authorization", basicAuth("test"))
	}
	transport := &http.Transport{DialContext: w.dial, DisableKeepAlives: true}
	return readReply((&http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}).Do(r))
}

// newSession makes a session and returns its ID.
func (w *world) newSession() string {
	w.t.Helper()
	r := w.api("POST", "/sessions", "")
	if r.err != nil || r.StatusCode != http.StatusOK {
		w.t.Fatalf("POST /sessions: %v %v %q", r.err, r.Response, r.body)
	}
	return r.body
}

func inSession(id string) string { return "X-Crawlera-Session: " + id }

// raw sends bytes as they are and returns all that comes back until the mock
// closes.
func (w *world) raw(text string) string {
	w.t.Helper()
	c := w.open()
	defer c.Close()
	go func() { _, _ = io.WriteString(c, text) }()
	var all bytes.Buffer
	_, _ = io.Copy(&all, c)
	return all.String()
}

func (w *world) open() net.Conn {
	w.t.Helper()
	c, err := w.dial(w.t.Context(), "tcp", "")
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// connect opens a tunnel by hand.
func (w *world) connect(to string) net.Conn {
	w.t.Helper()
	c := w.open()
	w.t.Cleanup(func() { _ = c.Close() })
	if _, err := fmt.Fprintf(c, "CONNECT %s HTTP/1.1\r\nProxy-Authorization: %s\r\n\r\n", to, basicAuth("test")); err != nil {
		w.t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReaderSize(oneByte{c}, 16), &http.Request{Method: http.MethodConnect})
	if err != nil || resp.StatusCode != http.StatusOK {
		w.t.Fatalf("CONNECT %s: %v %v", to, err, resp)
	}
	return c
}

// oneByte keeps a reader from reading ahead.
type oneByte struct{ io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.Reader.Read(p[:1]) }

// onlyEntry returns the one journal entry of that kind. It is written after the
// answer, which the client may have read before.
func (w *world) onlyEntry(kind string) Entry {
	w.t.Helper()
	changed, leave := w.mock.watchers.join()
	defer leave()
	for {
		var found []Entry
		for _, e := range w.mock.Journal() {
			if e.Kind == kind {
				found = append(found, e)
			}
		}
		if len(found) == 1 {
			return found[0]
		}
		if len(found) > 1 {
			w.t.Fatalf("%d journal entries of kind %s: %+v", len(found), kind, found)
		}
		select {
		case <-changed:
		case <-w.t.Context().Done():
			w.t.Fatalf("no journal entry of kind %s", kind)
		}
	}
}

// hello is the simplest of targets.
var hello = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, "hello from "+r.URL.String())
})
