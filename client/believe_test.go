package client

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A target sees no key and no session, so an answer that went through it says nothing
// of either.
func TestForwardedAnswers(t *testing.T) {
	t.Parallel()
	const slave = "X-Crawlera-Slave: 10.0.0.1:3128"
	for _, tt := range []struct {
		status string
		header []string
		class  Class // -1: an answer of the target's
	}{
		{"407 No", []string{slave}, -1},
		{"503 No", []string{slave, "X-Crawlera-Version: 1", "Retry-After: 5"}, -1},
		{"407 No", nil, Credentials},
		{"200 OK", []string{slave, "X-Crawlera-Error: bad_auth"}, Upstream},
		{"400 No", []string{slave, "X-Crawlera-Error: bad_session_id"}, Upstream},
		{"400 No", []string{slave, "X-Crawlera-Error: user_session_limit"}, Upstream},
		{"429 No", []string{slave, "X-Crawlera-Error: too_many_conns", "Retry-After: 900"}, Upstream},
		{"503 No", []string{slave, "X-Crawlera-Error: banned"}, Upstream},
		{"400 No", []string{slave, "X-Crawlera-Error: bad_uri"}, Hopeless},
		{"407 No", []string{slave, "X-Crawlera-Error: brand_new"}, Upstream},
		{"422 No", []string{slave, "Zyte-Error-Type: /problem/over-session-limit"}, Upstream},
	} {
		s := serve(t, raw("HTTP/1.1 "+tt.status+"\r\n"+strings.Join(append(tt.header, "Content-Length: 0"), "\r\n")+"\r\n\r\n"))
		r, err := get(t, s.client(t), "http://example.com/")
		if tt.class < 0 {
			if err != nil || r.Service.RetryAfter != 0 {
				t.Errorf("%s %v: %v, want the target's answer", tt.status, tt.header, err)
			}
			continue
		}
		e := asError(t, err)
		forwarded := len(tt.header) > 0
		if e.Class != tt.class || e.Forwarded() != forwarded {
			t.Errorf("%s %v: %v, forwarded %v; want %v", tt.status, tt.header, e.Class, e.Forwarded(), tt.class)
		}
		if forwarded && (e.Banned() || e.SessionLimit() || e.TooManyConnections() || e.ProxyAuth() || e.Service.RetryAfter != 0) {
			t.Errorf("%s %v is believed: %+v", tt.status, tt.header, e)
		}
	}
}

func TestDoubledServiceHeaders(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]ServiceHeaders{
		"X-Crawlera-Session: 7|X-Crawlera-Session: 8":                     {},
		"X-Crawlera-Session: 7|x-crawlera-session: 7":                     {Session: "7"},
		"X-Crawlera-Session: 7, 8":                                        {},
		"X-Crawlera-Slave: 10.0.0.1:80|X-Crawlera-Slave: 10.0.0.2:80":     {},
		"X-Crawlera-Slave: 10.0.0.1:80|X-Crawlera-Slave: 10.0.0.1:80":     {IP: "10.0.0.1"},
		"X-Crawlera-Next-Request-In: 900|X-Crawlera-Next-Request-In: 5":   {},
		"X-Crawlera-Next-Request-In: 5.5|X-Crawlera-Next-Request-In: 5.5": {NextRequestIn: 5500 * time.Millisecond},
	} {
		s := serve(t, raw("HTTP/1.1 200 OK\r\n"+strings.ReplaceAll(lines, "|", "\r\n")+"\r\nContent-Length: 0\r\n\r\n"))
		r, err := get(t, s.client(t), "http://example.com/")
		if err != nil || r.Service != want {
			t.Errorf("%s: %+v, %v; want %+v", lines, r.Service, err, want)
		}
	}
}

// An answer whose head net/http refuses is the target's doing: another try brings the
// same.
func TestBadHeads(t *testing.T) {
	t.Parallel()
	for answer, quotes := range map[string]string{
		"HTTP/1.1 200 OK\r\nOdd[Name]: 1\r\n\r\n":                             `"Odd[Name]: 1"`,
		"HTTP/1.1 200 OK\r\nX: a\x01b\r\n\r\n":                                `"X: a\x01b"`,
		"HTTP/1.1 200 OK\r\n folded: 1\r\n\r\n":                               `folded: 1`,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nok":            `"Transfer-Encoding: identity"`,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok":                `"Transfer-Encoding: gzip"`,
		"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nok":                      `"Content-Length: x"`,
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok": "Content-Length",
		"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 2<<20) + "\r\n\r\n":    "over 300 KiB",
		"HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 5001) + "\r\n":     "over 5000 fields",
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n":              "101",
	} {
		s := serve(t, raw(answer))
		_, err := get(t, s.client(t), "http://example.com/")
		if err == nil {
			t.Errorf("%.80q is an answer", answer)
			continue
		}
		if e := asError(t, err); e.Class != Network || !e.BadHead() || e.Repeatable() || !strings.Contains(err.Error(), quotes) {
			t.Errorf("%.80q: %v, bad head %v", answer, err, e.BadHead())
		}
	}
	for _, answer := range []string{"", "SSH-2.0-x\r\n\r\n", "HTTP/1.1 \x02 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nConte", "HTTP/1.1 200 OK\r\n"} {
		s := serve(t, raw(answer))
		_, err := get(t, s.client(t), "http://example.com/")
		if e := asError(t, err); e.BadHead() || !e.Repeatable() {
			t.Errorf("%q: %v is a bad head", answer, err)
		}
	}
}

// A caller who asks for another protocol gets its octets, until its context ends.
func TestUpgradeAskedFor(t *testing.T) {
	t.Parallel()
	s := serve(t, func(_ testing.TB, conn net.Conn) {
		readRequest(bufio.NewReader(conn))
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhello")
		io.Copy(io.Discard, conn)
	})
	ctx, cancel := context.WithCancel(t.Context())
	conn, err := s.client(t).Dial(ctx, mustURL("http://example.com/"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r, err := conn.Do(ctx, &Request{URL: mustURL("http://example.com/"), Header: http.Header{"Upgrade": {"x"}, "Connection": {"upgrade"}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(r.Body, make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	cancel()
	_, err = r.Body.Read(make([]byte, 1))
	if e := asError(t, err); e.Class != Network || !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("%v", err)
	}
	r.Body.Close()
}

// Any 2xx to a CONNECT is a tunnel.
func TestConnectAnsweredOtherwise(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"201 Created", "204 No Content", "299 Fine"} {
		s := serve(t, func(t testing.TB, conn net.Conn) {
			readRequest(bufio.NewReader(conn))
			io.WriteString(conn, "HTTP/1.1 "+status+"\r\n\r\n")
			secure := tls.Server(conn, trusted().config(t, "example.com"))
			readRequest(bufio.NewReader(secure))
			io.WriteString(secure, ok("in"))
			secure.Close()
		})
		r, err := get(t, s.client(t), "https://example.com/")
		if err != nil {
			t.Errorf("%s: %v", status, err)
		} else if got := text(t, r); got != "in" {
			t.Errorf("%s: %q", status, got)
		}
	}
}
