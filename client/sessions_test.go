package client

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCreateSession(t *testing.T) {
	t.Parallel()
	const good = "HTTP/1.1 200 OK\r\n"
	tests := []struct {
		name, answer string
		want         Session
	}{
		{"as documented", good + "X-Crawlera-Session: 7\r\nContent-Length: 1\r\n\r\n7", Session{ID: "7"}},
		{"body alone", good + "Content-Length: 7\r\n\r\n1836172", Session{ID: "1836172"}},
		{"with a line feed", good + "Content-Length: 3\r\n\r\n7\r\n", Session{ID: "7"}},
		{"header alone", good + "X-Crawlera-Session: 7\r\nContent-Length: 0\r\n\r\n", Session{ID: "7"}},
		{"the body counts", good + "X-Crawlera-Session: 8\r\nContent-Length: 1\r\n\r\n7", Session{ID: "7"}},
		{"a body that is no id", good + "X-Crawlera-Session: 8\r\nContent-Length: 9\r\n\r\n{\"id\": 7}", Session{ID: "8"}},
		{"a body that asks", good + "X-Crawlera-Session: 8\r\nContent-Length: 6\r\n\r\ncreate", Session{ID: "8"}},
		{"a body that breaks off", good + "X-Crawlera-Session: 8\r\nContent-Length: 9\r\n\r\n8", Session{ID: "8"}},
		{"with its IP", good + "X-Crawlera-Slave: 1.2.3.4:80\r\nContent-Length: 1\r\n\r\n7", Session{ID: "7", IP: "1.2.3.4"}},
		{"201", "HTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\n7", Session{ID: "7"}},
		{"without length", good + "\r\n7", Session{ID: "7"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, raw(tt.answer))
			got, err := s.client(t).CreateSession(t.Context())
			if err != nil || got != tt.want {
				t.Errorf("%+v, %v", got, err)
			}
			if s.n.Load() != 1 {
				t.Errorf("%d requests", s.n.Load())
			}
		})
	}
}

// Nothing that a hostile service sends becomes an id or goes on without bound.
func TestSessionsRefuse(t *testing.T) {
	t.Parallel()
	answer := func(status, body string) string {
		return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
	}
	tests := []struct {
		name, answer string
		class        Class
		text         string
		noAPI        bool
	}{
		{"nothing", answer("200 OK", ""), Unforeseen, "200: no usable session ID", true},
		{"escapes", answer("200 OK", "\x1b[2J7"), Unforeseen, "200: no usable session ID: \x1b[2J7", true},
		{"a path", answer("200 OK", "../sessions"), Unforeseen, "200: no usable session ID: ../sessions", true},
		{"two lines", answer("200 OK", "7\n8"), Unforeseen, "200: no usable session ID: 7", true},
		{"a page", answer("200 OK", "<html>\nhello"), Unforeseen, "200: no usable session ID: <html>", true},
		{"10 MB", answer("200 OK", strings.Repeat("7", 10<<20)), Unforeseen, "200: no usable session ID: 777", true},
		{"a redirect", "HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/\r\nContent-Length: 0\r\n\r\n", Unforeseen, "302", true},
		{"a bad redirect", "HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n", Unforeseen, "302", true},
		{"not found", answer("404 Not Found", "nope"), Unforeseen, "404: nope", true},
		{"wrong endpoint", "HTTP/1.1 542 X\r\nX-Crawlera-Error: bad_endpoint\r\nContent-Length: 0\r\n\r\n", Hopeless, "542 bad_endpoint", true},
		{"an error with a good status", "HTTP/1.1 200 OK\r\nX-Crawlera-Error: bad_proxy_auth\r\nContent-Length: 1\r\n\r\n7", Credentials, "200 bad_proxy_auth: 7", false},
		{"a key", answer("401 Unauthorized", "who?"), Credentials, "401: who?", false},
		{"gone", "", Network, "the connection was closed without an answer", false},
		{"cut", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n18", Network, "the answer ended early", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, raw(tt.answer))
			session, err := s.client(t).CreateSession(t.Context())
			e := asError(t, err)
			prefix := "POST http://" + s.addr + "/sessions: "
			if e.Class != tt.class || !strings.HasPrefix(err.Error(), prefix+tt.text) || e.NoSessionsAPI() != tt.noAPI {
				t.Errorf("%v %q, no API: %v; want %v %q", e.Class, err, e.NoSessionsAPI(), tt.class, prefix+tt.text)
			}
			if session != (Session{}) || s.n.Load() != 1 {
				t.Errorf("%v after %d requests", session, s.n.Load())
			}
		})
	}
}

func TestListSessions(t *testing.T) {
	t.Parallel()
	s := serve(t, raw(ok(`{"10":"1.2.3.4:8800","9":"1.2.3.5"}`)))
	got, err := s.client(t).ListSessions(t.Context())
	want := []Session{{"9", "1.2.3.5"}, {"10", "1.2.3.4"}}
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v %s", err, cmp.Diff(want, got))
	}
	for answer, class := range map[string]Class{
		ok("<html>hello</html>"): Unforeseen,
		ok(`["7"]`):              Unforeseen,
		ok(`{"7":"1.2.3.4"`):     Unforeseen,
		"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"7\":\"1": Network,
	} {
		s := serve(t, raw(answer))
		got, err := s.client(t).ListSessions(t.Context())
		if e := asError(t, err); e.Class != class || got != nil || class == Unforeseen && (!e.NoSessionsAPI() || e.Message == "") {
			t.Errorf("%q: %v %v", answer, got, err)
		}
	}
}

func TestDeleteSession(t *testing.T) {
	t.Parallel()
	for answer, class := range map[string]Class{
		"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n":                                    SessionDead,
		"HTTP/1.1 400 X\r\nX-Crawlera-Error: bad_session_id\r\nContent-Length: 0\r\n\r\n":        SessionDead,
		"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n":                           Unforeseen,
		"HTTP/1.1 503 X\r\nX-Crawlera-Error: serverbusy\r\nRetry-After: 2\r\n\r\n":               Later,
		"HTTP/1.1 407 Proxy Authentication Required\r\nX-Crawlera-Error: bad_proxy_auth\r\n\r\n": Credentials,
	} {
		s := serve(t, raw(answer))
		if e := asError(t, s.client(t).DeleteSession(t.Context(), "7")); e.Class != class {
			t.Errorf("%q: %v", answer, e)
		}
	}
	var n atomic.Int32
	s := serve(t, answering(&n, "HTTP/1.1 204 No Content\r\n\r\n"))
	c := s.client(t)
	for range 3 {
		if err := c.DeleteSession(t.Context(), "7"); err != nil {
			t.Error(err)
		}
	}
	if n.Load() != 3 || s.n.Load() != 1 {
		t.Errorf("%d requests on %d connections, want 3 on one", n.Load(), s.n.Load())
	}
	for _, id := range []string{"", "..", "a/b", "a?b", "7\r\nX: y"} {
		if e := asError(t, c.DeleteSession(t.Context(), id)); !e.Unsent() {
			t.Errorf("%q: %v", id, e)
		}
	}
	if n.Load() != 3 {
		t.Error("a bad id was sent")
	}
}

// Whoever asked for a session in vain wants to know whether there may be one.
func TestUnsentCallsOfSessions(t *testing.T) {
	t.Parallel()
	s := serve(t, raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n7"))
	if _, err := s.client(t).CreateSession(t.Context()); err == nil || asError(t, err).Unsent() {
		t.Errorf("%v: the service has answered", err)
	}
	s = serve(t, func(_ testing.TB, conn net.Conn) { readRequest(bufio.NewReader(conn)) })
	if _, err := s.client(t).CreateSession(t.Context()); asError(t, err).Unsent() {
		t.Errorf("%v: the service has read it", err)
	}
	c := s.client(t, func(cfg *Config) {
		cfg.DialContext = func(context.Context, string, string) (net.Conn, error) { return nil, syscall.ECONNREFUSED }
	})
	if _, err := c.CreateSession(t.Context()); !asError(t, err).Unsent() {
		t.Errorf("%v: there was no connection", err)
	}
}

// A session that was asked for is never asked for twice, nor one deleted, also on
// a connection that served before.
func TestSessionsAreNotRepeated(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	s := serve(t, func(_ testing.TB, conn net.Conn) {
		r := bufio.NewReader(conn)
		readRequest(r)
		io.WriteString(conn, ok("7"))
		if req, _ := readRequest(r); req != nil {
			n.Add(1)
		}
	})
	c := s.client(t)
	for _, call := range []func() error{
		func() error { _, err := c.CreateSession(t.Context()); return err },
		func() error { return c.DeleteSession(t.Context(), "7") },
	} {
		if _, err := c.CreateSession(t.Context()); err != nil {
			t.Fatal(err)
		}
		n.Store(0)
		if e := asError(t, call()); e.Class != Network || n.Load() != 1 {
			t.Errorf("%v after %d requests", e, n.Load())
		}
	}
}

func TestSessionsStopWithTheContext(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"} {
		synctest.Test(t, func(t *testing.T) {
			c := pipes(t, Config{}, stall(answer))
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			start := time.Now()
			_, err := c.ListSessions(ctx)
			if e := asError(t, err); e.Class != Network || !strings.HasSuffix(err.Error(), ": timed out") || time.Since(start) != time.Minute {
				t.Errorf("%v after %v", err, time.Since(start))
			}
		})
	}
}
