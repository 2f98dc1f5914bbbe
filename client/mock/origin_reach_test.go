package mock

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// calledFrom is a listener all of whose clients are at peer.
type calledFrom struct {
	net.Listener
	peer net.Addr
}

func (l calledFrom) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return calledConn{c, l.peer}, err
}

type calledConn struct {
	net.Conn
	peer net.Addr
}

func (c calledConn) RemoteAddr() net.Addr { return c.peer }

// forwarding is a mock that forwards for clients at peer.
func forwarding(t *testing.T, peer string) (w *world, port string) {
	t.Helper()
	s, err := New(Config{Origin: Passthrough()})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Serve(calledFrom{l, net.TCPAddrFromAddrPort(netip.MustParseAddrPort(peer))}) }()
	t.Cleanup(func() { _ = s.Close() })
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return &world{t: t, mock: s, dial: dialer(l)}, port
}

func dialer(l net.Listener) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String())
	}
}

// What listens on loopback is for this machine, also where the mock is for others.
func TestPassthroughIsForThisMachine(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	count := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	plain, secure := httptest.NewServer(count), httptest.NewTLSServer(count)
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	for peer, want := range map[string]int{
		"127.0.0.1:40000": 200, "127.9.9.9:40000": 200, "[::1]:40000": 200, "[::ffff:127.0.0.1]:40000": 200,
		"192.0.2.7:40000": 523, "[2001:db8::1]:40000": 523, "[fe80::1%eth0]:40000": 523, "[::ffff:192.0.2.7]:40000": 523,
	} {
		w, _ := forwarding(t, peer)
		for _, target := range []string{plain.URL, secure.URL} {
			before := reached.Load()
			r := w.get(target, "X-Forwarded-For: 127.0.0.1", "Forwarded: for=127.0.0.1")
			if r.err != nil || r.StatusCode != want || (r.code() == "domain_forbidden") != (want == 523) {
				t.Errorf("from %s to %s: %v %v %q, want %d", peer, target, r.err, r.Status, r.code(), want)
			}
			if (reached.Load() > before) != (want == 200) {
				t.Errorf("from %s the target %s was asked %d times", peer, target, reached.Load()-before)
			}
		}
		c := w.connect(strings.TrimPrefix(plain.URL, "http://"))
		if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")); err != nil {
			t.Error(err)
		}
		if r := readReply(http.ReadResponse(bufio.NewReader(c), nil)); r.StatusCode != want {
			t.Errorf("from %s in a tunnel without TLS: %v %v", peer, r.err, r.Status)
		}
	}
}

func TestPassthroughServesConnectionsInMemory(t *testing.T) {
	t.Parallel()
	target := httptest.NewServer(hello)
	t.Cleanup(target.Close)
	s, err := New(Config{Origin: Passthrough()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	w := &world{t: t, mock: s, dial: s.DialContext}
	if r := w.get(target.URL); r.err != nil || r.StatusCode != 200 {
		t.Errorf("%v %v", r.err, r.Response)
	}
}

// Control that is reached through the mock would see a client of this machine, and
// so would everything else on its port.
func TestPassthroughDoesNotLeadToTheMock(t *testing.T) {
	t.Parallel()
	w, port := forwarding(t, "127.0.0.1:40000")
	second, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = w.mock.Serve(second) }()
	if r := (&world{t: t, mock: w.mock, dial: dialer(second)}).get("http://127.0.0.1:1/"); r.code() != "econnrefused" {
		t.Fatalf("the second listener is not served: %v", r.err)
	}
	for _, target := range []string{
		"http://127.0.0.1:" + port, "http://localhost:" + port, "http://127.1.2.3:" + port, "http://[::1]:" + port,
		"http://127.0.0.1:0" + port, "https://127.0.0.1:" + port, "http://" + second.Addr().String(),
	} {
		if r := w.get(target + "/_mock/state"); r.err != nil || r.code() != "domain_forbidden" {
			t.Errorf("%s: %v %v %q", target, r.err, r.Status, r.body)
		}
	}
}

func TestTargetPort(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]uint16{
		"http://a": 80, "https://a": 443, "http://a:": 80, "https://a:80": 80, "http://a:08011": 8011, "http://[::1]:8011": 8011,
		"http://a:73547": 0,
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := targetPort(u); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}
