package mock

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
)

// localRequest is a target's request of a client on this machine.
func localRequest(t testing.TB, method, url string, body io.Reader) *http.Request {
	t.Helper()
	r := targetRequest(t, method, url, body)
	r.RemoteAddr = "127.0.0.1:40000"
	return r
}

func passed(t *testing.T, method, url string, body io.Reader) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	Passthrough().ServeHTTP(w, localRequest(t, method, url, body))
	return w
}

func TestPassthroughForwardsAsWritten(t *testing.T) {
	t.Parallel()
	var got *http.Request
	var body string
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got, body = r, string(b)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(http.StatusFound)
		w.Write([]byte("moved"))
	}))
	t.Cleanup(target.Close)
	r := localRequest(t, "POST", target.URL+"/a%2Fb?x=1;y", strings.NewReader("payload"))
	r.Header.Set("X-Forwarded-For", "1.2.3.4")
	r.Header.Set("Accept-Encoding", "br")
	r.Header.Del("User-Agent")
	w := httptest.NewRecorder()
	Passthrough().ServeHTTP(w, r)
	if w.Code != 302 || w.Body.String() != "moved" || w.Header().Get("Location") != "/elsewhere" {
		t.Errorf("%d %q %v, want the redirect itself", w.Code, w.Body, w.Header())
	}
	if got.Method != "POST" || got.RequestURI != "/a%2Fb?x=1;y" || body != "payload" || got.Host != r.Host {
		t.Errorf("the target got %s %s for %s with %q", got.Method, got.RequestURI, got.Host, body)
	}
	want := http.Header{"X-Forwarded-For": {"1.2.3.4"}, "Accept-Encoding": {"br"}, "Content-Length": {"7"}, "Connection": {"close"}}
	for name := range got.Header {
		if got.Header.Get(name) != want.Get(name) {
			t.Errorf("the target got %s: %q, want %q", name, got.Header.Get(name), want.Get(name))
		}
	}
}

func TestPassthroughTLS(t *testing.T) {
	t.Parallel()
	target := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(r.Proto)) }))
	t.Cleanup(target.Close)
	if w := passed(t, "GET", target.URL+"/", nil); w.Code != 200 || w.Body.String() != "HTTP/1.1" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}

// Both directions flow at once: the target answers each piece as it comes.
func TestPassthroughStreams(t *testing.T) {
	t.Parallel()
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		if err := errors.Join(control.EnableFullDuplex(), control.Flush()); err != nil {
			t.Error(err)
		}
		piece := make([]byte, 4)
		for {
			if _, err := io.ReadFull(r.Body, piece); err != nil {
				return
			}
			w.Write(piece)
			control.Flush()
		}
	}))
	t.Cleanup(target.Close)
	up, upEnd := io.Pipe()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).EnableFullDuplex()
		in := localRequest(t, "POST", target.URL+"/", r.Body)
		in.ContentLength = -1
		Passthrough().ServeHTTP(w, in)
	}))
	t.Cleanup(front.Close)
	go upEnd.Write([]byte("ping"))
	resp, err := http.Post(front.URL, "text/plain", up)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	piece := make([]byte, 4)
	for _, want := range []string{"ping", "pong"} {
		if want == "pong" {
			go func() { upEnd.Write([]byte("pong")); upEnd.Close() }()
		}
		if _, err := io.ReadFull(resp.Body, piece); err != nil || string(piece) != want {
			t.Fatalf("got %q (%v), want %q", piece, err, want)
		}
	}
	if rest, err := io.ReadAll(resp.Body); len(rest) != 0 || err != nil {
		t.Errorf("then %q (%v)", rest, err)
	}
}

// Each request is one at the target, also when it breaks.
func TestPassthroughRepeatsNothing(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if requests.Add(1) > 1 {
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(target.Close)
	origin := Passthrough()
	for _, want := range []int{200, 502} {
		w := httptest.NewRecorder()
		origin.ServeHTTP(w, localRequest(t, "GET", target.URL+"/", nil))
		if w.Code != want {
			t.Errorf("status %d, want %d", w.Code, want)
		}
	}
	if n := requests.Load(); n != 2 {
		t.Errorf("the target saw %d requests, want 2", n)
	}
}

// serviceWriter answers as the core's does when a target fails.
type serviceWriter struct {
	*httptest.ResponseRecorder
	code string
}

func (w *serviceWriter) failTarget(code string) { w.code = code }

func TestPassthroughRefuses(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for url, want := range map[string]string{
		"http://192.0.2.1/":                      "domain_forbidden",
		"https://[2001:db8::1]/":                 "domain_forbidden",
		"http://0.0.0.0/":                        "domain_forbidden",
		"http://[::]/":                           "domain_forbidden",
		"http://[::ffff:192.0.2.1]/":             "domain_forbidden",
		"http://" + closed.Addr().String() + "/": "econnrefused",
	} {
		w := &serviceWriter{ResponseRecorder: httptest.NewRecorder()}
		Passthrough().ServeHTTP(w, localRequest(t, "GET", url, nil))
		if w.code != want {
			t.Errorf("%s: %q (%d %s), want %q", url, w.code, w.Code, w.Body, want)
		}
	}
}

// names resolves as it is told, a step further at each question.
type names struct {
	answers [][]netip.Addr
	asked   int
}

func (n *names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if n.asked >= len(n.answers) {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	n.asked++
	return n.answers[n.asked-1], nil
}

func TestLoopbackDialer(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	here, mapped, away := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::ffff:127.0.0.1"), netip.MustParseAddr("192.0.2.1")
	for _, tc := range []struct {
		name    string
		answers [][]netip.Addr
		code    string // "" is a connection
	}{
		{"loopback", [][]netip.Addr{{here}}, ""},
		{"mapped", [][]netip.Addr{{mapped}}, ""},
		{"second address answers", [][]netip.Addr{{netip.MustParseAddr("127.1.2.3"), here}}, ""},
		{"elsewhere", [][]netip.Addr{{away}}, "domain_forbidden"},
		{"on both sides", [][]netip.Addr{{here, away}}, "domain_forbidden"},
		{"rebinding", [][]netip.Addr{{here}, {away}}, ""},
		{"unknown", nil, "nxdomain"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			answers := &names{answers: tc.answers}
			d := loopbackDialer{names: answers}
			conn, err := d.dial(t.Context(), "tcp", "name.example:"+port)
			if err == nil {
				defer conn.Close()
				if addr, _ := netip.ParseAddrPort(conn.RemoteAddr().String()); !addr.Addr().IsLoopback() {
					t.Errorf("connected to %v", addr)
				}
			}
			if (err == nil) != (tc.code == "") || err != nil && forwardCode(err) != tc.code {
				t.Errorf("got %v, want code %q", err, tc.code)
			}
			if answers.asked > 1 {
				t.Errorf("asked %d times", answers.asked)
			}
		})
	}
}
