package mock

import (
	"errors"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestConfigThatMakesNoSense(t *testing.T) {
	t.Parallel()
	for _, cfg := range []Config{
		{TimeScale: -1},
		{TimeScale: 1e9},
		{TimeScale: 1e-9},
		{IPs: -1},
		{IPs: maxIPs + 1},
		{SessionLimit: -1},
		{ConcurrencyLimit: -1},
		{Plan: "gold"},
		{Faults: []Fault{{Name: "nonsense"}}},
		{Attempts: -1},
		{ResponseLimit: -1},
		{SessionsAuthStatus: 42},
		{DeleteStatus: 204},
		{HeaderAuthCode: "no_auth"},
		{Key: "a:b"},
	} {
		if s, err := New(cfg); err == nil || s != nil {
			t.Errorf("%+v is accepted", cfg)
		}
		if _, err := Start(cfg); err == nil {
			t.Errorf("%+v is started", cfg)
		}
	}
}

func TestServeSeveralListeners(t *testing.T) {
	t.Parallel()
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if s.URL() != "" {
		t.Errorf("URL before it serves: %s", s.URL())
	}
	served := make(chan error)
	var addrs []string
	for range 2 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addrs = append(addrs, l.Addr().String())
		go func() { served <- s.Serve(l) }()
	}
	for _, addr := range addrs {
		w := &world{t: t, mock: s, dial: (&net.Dialer{}).DialContext}
		r := readReply((&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).
			Do(w.request("GET", "http://"+addr+"/sessions", nil, "Authorization: "+basicAuth("test"))))
		if r.err != nil || r.StatusCode != http.StatusOK {
			t.Errorf("%s: %v %v", addr, r.err, r.Response)
		}
	}
	if !strings.Contains(strings.Join(addrs, " "), strings.TrimPrefix(s.URL(), "http://")) {
		t.Errorf("URL %s", s.URL())
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	for range 2 {
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve: %v", err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("Serve after Close: %v", err)
	}
	if _, err := l.Accept(); err == nil {
		t.Error("the listener is left open")
	}
}

// crowded is a listener that has run out of file descriptors for a while.
type crowded struct {
	*pipes
	failures int
}

func (c *crowded) Accept() (net.Conn, error) {
	if c.failures--; c.failures >= 0 {
		return nil, &net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
	}
	return c.pipes.Accept()
}

func TestServeSurvivesAShortageOfDescriptors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Config{})
		if err != nil {
			t.Fatal(err)
		}
		l := &crowded{newPipes(), 3}
		go func() { _ = s.Serve(l) }()
		(&world{t: t, mock: s, dial: l.dial}).newSession()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestReachable(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"127.0.0.1:80": "127.0.0.1:80", "0.0.0.0:80": "127.0.0.1:80", "[::]:80": "127.0.0.1:80", "[::1]:80": "[::1]:80", "192.0.2.1:80": "192.0.2.1:80",
	} {
		tcp, err := net.ResolveTCPAddr("tcp", addr)
		if err != nil || reachable(tcp) != want {
			t.Errorf("%s: %s, %v", addr, reachable(tcp), err)
		}
	}
}

// A mock leaves nothing behind, not even from connections that say nothing.
func TestCloseLeavesNothing(t *testing.T) {
	// Not parallel: it counts goroutines.
	before := runtime.NumGoroutine()
	for range 3 {
		w := onLoopback(t, Config{})
		w.get("https://example.com/get")
		id := w.newSession()
		w.get("http://example.com/get", inSession(id))
		idle := w.open()
		tunnel := w.connect("example.com:443")
		half := w.open()
		_, _ = half.Write([]byte("GET http://exa"))
		if err := w.mock.Close(); err != nil {
			t.Error(err)
		}
		for _, c := range []net.Conn{idle, tunnel, half} {
			_ = c.Close()
		}
	}
	http.DefaultClient.CloseIdleConnections()
	deadline := time.Now().Add(time.Minute)
	for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
		runtime.Gosched()
	}
	if got := runtime.NumGoroutine(); got > before {
		stacks := make([]byte, 1<<16)
		t.Errorf("%d goroutines more:\n%s", got-before, stacks[:runtime.Stack(stacks, true)])
	}
}
