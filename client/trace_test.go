package client

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"
)

func TestTraceOfPlainRequest(t *testing.T) {
	t.Parallel()
	s := serve(t, raw("HTTP/1.1 200 OK\r\nX-Crawlera-Debug-UA: x\r\nSet-Cookie: a=secret\r\nContent-Length: 0\r\n\r\n"))
	var trace lines
	_, err := get(t, s.client(t, func(c *Config) { c.Trace = trace.add }), "http://u:p@example.com/a?b#c", func(r *Request) { r.Session = "42" })
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"* connected to " + s.addr,
		"> GET http://example.com/a?b HTTP/1.1",
		"> Host: example.com",
		"> User-Agent: smp",
		"> Accept: */*",
		"> Authorization: Basic REDACTED",
		"> X-Crawlera-Session: 42",
		"> Proxy-Authorization: Basic REDACTED",
		"< HTTP/1.1 200 OK",
		"< Content-Length: 0",
		"< Set-Cookie: a=REDACTED",
		"< X-Crawlera-Debug-UA: x",
	}, "\n")
	if got := trace.String(); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestTraceOfTunnel(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	s := serve(t, func(t testing.TB, conn net.Conn) { answering(&n, ok(""))(t, trusted().tunnel(t, conn)) })
	var trace lines
	if _, err := get(t, s.client(t, func(c *Config) { c.Trace = trace.add }), "https://example.com/a"); err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"* connected to " + s.addr,
		"> CONNECT example.com:443 HTTP/1.1",
		"> Host: example.com:443",
		"> Proxy-Authorization: Basic REDACTED",
		"> User-Agent: smp",
		"< HTTP/1.1 200 Connection established",
		"> GET /a HTTP/1.1",
		"> Host: example.com",
		"> User-Agent: smp",
		"> Accept: */*",
		"< HTTP/1.1 200 OK",
		"< Content-Length: 0",
	}, "\n")
	if got := trace.String(); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestTraceOfSessions(t *testing.T) {
	t.Parallel()
	s := serve(t, raw("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"))
	var trace lines
	if _, err := s.client(t, func(c *Config) { c.Trace = trace.add }).CreateSession(t.Context()); err == nil {
		t.Fatal("no error")
	}
	for _, line := range []string{
		"> POST /sessions HTTP/1.1", "> Host: " + s.addr, "> Authorization: Basic REDACTED", "> User-Agent: smp", "< HTTP/1.1 407 No",
	} {
		if !strings.Contains(trace.String()+"\n", line+"\n") {
			t.Errorf("no line %q in\n%s", line, trace.String())
		}
	}
}
