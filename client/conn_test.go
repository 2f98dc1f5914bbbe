package client

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// answering answers every request of a connection with text, and counts them.
func answering(n *atomic.Int32, text string) func(testing.TB, net.Conn) {
	return func(_ testing.TB, conn net.Conn) {
		for r := bufio.NewReader(conn); ; {
			req, _ := readRequest(r)
			if req == nil {
				return
			}
			n.Add(1)
			io.WriteString(conn, text)
		}
	}
}

func ok(body string) string {
	return "HTTP/1.1 200 OK\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

func TestDialSendsNothing(t *testing.T) {
	t.Parallel()
	got := make(chan error, 1)
	s := serve(t, func(_ testing.TB, conn net.Conn) {
		_, err := conn.Read(make([]byte, 1))
		got <- err
	})
	conn, err := s.client(t).Dial(t.Context(), mustURL("http://example.com/"))
	if err != nil {
		t.Fatal(err)
	}
	if !conn.Serves(mustURL("http://example.com/")) {
		t.Error("a fresh connection serves nothing")
	}
	conn.Close()
	if err := <-got; err == nil {
		t.Error("something was sent before Do")
	}
}

func TestConnServes(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	s := serve(t, answering(&n, ok("body")))
	target := mustURL("http://example.com/")
	conn, err := s.client(t).Dial(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, u := range []string{"http://example.com/", "http://other.example:8080/x"} {
		if !conn.Serves(mustURL(u)) {
			t.Errorf("does not serve %s", u)
		}
	}
	for _, u := range []string{"https://example.com/", "ftp://example.com/", "http:///", "x"} {
		if conn.Serves(mustURL(u)) {
			t.Errorf("serves %s", u)
		}
	}

	r, err := conn.Do(t.Context(), &Request{URL: target})
	if err != nil {
		t.Fatal(err)
	}
	if conn.Serves(target) {
		t.Error("serves while an answer is unread")
	}
	_, err = conn.Do(t.Context(), &Request{URL: target})
	if e := asError(t, err); !e.Unsent() || e.Class != Network {
		t.Errorf("a second request before the end of the first: %v", err)
	}
	if got := text(t, r); got != "body" || !conn.Serves(target) {
		t.Errorf("body %q; serves: %v", got, conn.Serves(target))
	}

	r, err = conn.Do(t.Context(), &Request{URL: mustURL("http://other.example/")})
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close() // unread
	if conn.Serves(target) {
		t.Error("serves after an answer was abandoned")
	}
	if _, err = conn.Do(t.Context(), &Request{URL: target}); !asError(t, err).Unsent() {
		t.Errorf("a request on a dead connection: %v", err)
	}
	if s.n.Load() != 1 || n.Load() != 2 {
		t.Errorf("%d connections and %d requests, want 1 and 2", s.n.Load(), n.Load())
	}
}

func TestTunnelServesItsHostAlone(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	s := serve(t, func(t testing.TB, conn net.Conn) { answering(&n, ok(""))(t, trusted().tunnel(t, conn)) })
	conn, err := s.client(t).Dial(t.Context(), mustURL("https://example.com/a"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, u := range []string{"https://example.com/b", "https://EXAMPLE.com:443/"} {
		if !conn.Serves(mustURL(u)) {
			t.Errorf("does not serve %s", u)
		}
	}
	for _, u := range []string{"https://example.org/", "https://example.com:444/", "http://example.com:443/"} {
		if conn.Serves(mustURL(u)) {
			t.Errorf("serves %s", u)
		}
		if _, err := conn.Do(t.Context(), &Request{URL: mustURL(u)}); !asError(t, err).Unsent() {
			t.Errorf("%s: %v", u, err)
		}
	}
	if n.Load() != 0 {
		t.Errorf("%d requests went to the wrong host", n.Load())
	}
}

func TestServerClosesIdleConnection(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{})
	s := serve(t, func(_ testing.TB, conn net.Conn) {
		r := bufio.NewReader(conn)
		readRequest(r)
		io.WriteString(conn, ok("x"))
		<-closed
	})
	target := mustURL("http://example.com/")
	conn, err := s.client(t).Dial(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r, err := conn.Do(t.Context(), &Request{URL: target})
	if err != nil {
		t.Fatal(err)
	}
	text(t, r)
	gone := make(chan struct{})
	conn.cc.SetStateHook(func(cc *http.ClientConn) {
		if cc.Err() != nil {
			close(gone)
		}
	})
	close(closed)
	<-gone
	if conn.Serves(target) {
		t.Error("serves after the server closed it")
	}
	if _, err = conn.Do(t.Context(), &Request{URL: target}); !asError(t, err).Unsent() || !errors.Is(err, errConnClosed) {
		t.Errorf("%v", err)
	}
}

// Whatever happens, a request is on the wire once: idempotent, on a connection
// used before, with an answer that never comes.
func TestDoNeverRepeats(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "POST"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int32
			s := serve(t, func(_ testing.TB, conn net.Conn) {
				r := bufio.NewReader(conn)
				readRequest(r)
				n.Add(1)
				io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
				if req, _ := readRequest(r); req != nil {
					n.Add(1)
				}
			})
			target := mustURL("http://example.com/")
			conn, err := s.client(t).Dial(t.Context(), target)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := conn.Do(t.Context(), &Request{Method: method, URL: target}); err != nil {
				t.Fatal(err)
			}
			_, err = conn.Do(t.Context(), &Request{Method: method, URL: target})
			e := asError(t, err)
			if e.Class != Network || e.Unsent() || e.Status != 0 {
				t.Errorf("%#v", e)
			}
			if n.Load() != 2 || s.n.Load() != 1 {
				t.Errorf("%d requests on %d connections, want 2 on 1", n.Load(), s.n.Load())
			}
		})
	}
}

func asError(t *testing.T, err error) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("not an *Error: %v", err)
	}
	if strings.Contains(err.Error(), testKey) || strings.Contains(err.Error(), basic(testKey, "")) {
		t.Errorf("the error tells the key: %v", err)
	}
	if msg := err.Error(); strings.Contains(msg, "\n") || len(msg) > 1500 {
		t.Errorf("not one line of reasonable length: %q", msg)
	}
	return e
}

func TestRefusedConnect(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, answer string
		class        Class
		text         string
	}{
		{
			"407", "HTTP/1.1 407 Proxy Authentication Required\r\nX-Crawlera-Error: bad_proxy_auth\r\nContent-Length: 4\r\n\r\nnope",
			Credentials, "CONNECT example.com:443: 407 bad_proxy_auth: nope",
		},
		{"407 bare", "HTTP/1.1 407\r\n\r\n", Credentials, "CONNECT example.com:443: 407 Proxy Authentication Required"},
		{
			"banned", "HTTP/1.1 503 X\r\nX-Crawlera-Error: banned\r\n\r\nAll download attempts failed.\nMore", Upstream,
			"CONNECT example.com:443: 503 banned: All download attempts failed.",
		},
		{
			"session", "HTTP/1.1 400 X\r\nX-Crawlera-Error: bad_session_id\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nBad\r\n0\r\n\r\n", SessionDead,
			"CONNECT example.com:443: 400 bad_session_id: Bad",
		},
		{"forbidden", "HTTP/1.1 403 No\r\n\r\nnot here", Unforeseen, "CONNECT example.com:443: 403: not here"},
		{"created, with an error", "HTTP/1.1 201 Yes\r\nX-Crawlera-Error: banned\r\n\r\n", Upstream, "CONNECT example.com:443: 201 banned"},
		{"redirect", "HTTP/1.1 302 Go\r\nLocation: http://elsewhere/\r\n\r\n", Unforeseen, "CONNECT example.com:443: 302 Found"},
		{"busy", "HTTP/1.1 429 X\r\nRetry-After: 7\r\n\r\n", Later, "CONNECT example.com:443: 429 Too Many Requests"},
		{
			"a short body", "HTTP/1.1 503 X\r\nX-Crawlera-Error: noslaves\r\nContent-Length: 100\r\n\r\nhalf", Later,
			"CONNECT example.com:443: 503 noslaves: half",
		},
		{"yes, with an error", "HTTP/1.1 200 OK\r\nX-Crawlera-Error: banned\r\n\r\n", Upstream, "CONNECT example.com:443: 200 banned"},
		{"a hint alone", "HTTP/1.1 103 Early Hints\r\n\r\n", Network, "CONNECT example.com:443: an informational answer in the place of the final one"},
		{"garbage", "SSH-2.0-OpenSSH\r\n", Network, "CONNECT example.com:443: the answer is malformed: malformed HTTP response \"SSH-2.0-OpenSSH\""},
		{"nothing", "", Network, "CONNECT example.com:443: the answer ended early"},
		{"200 and gone", "HTTP/1.1 200 OK\r\n\r\n", Network, "TLS handshake with example.com:443: the connection was closed without an answer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, raw(tt.answer))
			_, err := s.client(t).Dial(t.Context(), mustURL("https://example.com/"))
			e := asError(t, err)
			if e.Class != tt.class || err.Error() != tt.text || !e.Unsent() {
				t.Errorf("%v %q, want %v %q", e.Class, err, tt.class, tt.text)
			}
			if s.n.Load() != 1 {
				t.Errorf("%d connections", s.n.Load())
			}
		})
	}
}

func TestTunnelWithoutTLS(t *testing.T) {
	t.Parallel()
	s := serve(t, func(_ testing.TB, conn net.Conn) {
		r := bufio.NewReader(conn)
		readRequest(r)
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		r.ReadByte()
		io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
		hangUp(conn)
	})
	_, err := get(t, s.client(t), "https://example.com/")
	if e := asError(t, err); e.Class != Network || err.Error() != "TLS handshake with example.com:443: the other side does not speak TLS" {
		t.Errorf("%v", err)
	}
}

// An answer of the service's is the same error whether it refuses the CONNECT, is
// inside the tunnel, or answers a plain request.
func TestErrorIsTheSameForHTTPAndHTTPS(t *testing.T) {
	t.Parallel()
	for code, class := range classOfCode {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			answer := "HTTP/1.1 599 X\r\nX-Crawlera-Error: " + code + "\r\nX-Crawlera-Session: 7\r\nRetry-After: 3\r\nContent-Length: 4\r\n\r\nwhy\n"
			inside := serve(t, func(t testing.TB, conn net.Conn) { raw(answer)(t, trusted().tunnel(t, conn)) })
			plain := serve(t, raw(answer))
			for _, err := range []error{
				errOf(get(t, plain.client(t), "http://example.com/")),
				errOf(get(t, plain.client(t), "https://example.com/")),
				errOf(get(t, inside.client(t), "https://example.com/")),
			} {
				e := asError(t, err)
				if e.Class != class || e.Code != code || e.Status != 599 || e.Message != "why" || string(e.Body) != "why\n" ||
					e.Service.RetryAfter != 3*time.Second || e.Service.Session != "7" {
					t.Errorf("%v: %#v", err, e)
				}
			}
		})
	}
}

func errOf(_ any, err error) error { return err }

func TestUntrustedCertificates(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		spoil      func(*x509.Certificate)
		trust      func(*Config)
	}{
		{
			name: "another CA", text: "its certificate is signed by an unknown authority",
			trust: func(c *Config) { c.CACert = newAuthority().pem },
		},
		{
			name: "another host", text: "its certificate is not valid: x509: certificate is valid for example.org, not example.com",
			spoil: func(c *x509.Certificate) { c.DNSNames = []string{"example.org"} },
		},
		{
			name: "expired", text: "its certificate is not valid: x509: certificate has expired or is not yet valid",
			spoil: func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) },
		},
		{
			name: "the endpoint's exception", text: "its certificate is signed by an unknown authority",
			trust: func(c *Config) { c.CACert = newAuthority().pem; c.EndpointInsecure = true },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int32
			s := serve(t, func(t testing.TB, conn net.Conn) {
				answering(&n, ok(""))(t, trusted().tunnel(t, conn, tt.spoil))
			})
			change := tt.trust
			if change == nil {
				change = func(*Config) {}
			}
			_, err := get(t, s.client(t, change), "https://example.com/")
			if e := asError(t, err); e.Class != Network || !strings.Contains(err.Error(), tt.text) || !e.Unsent() {
				t.Errorf("%v %v", e.Class, err)
			}
			if _, err := get(t, s.client(t, change, func(c *Config) { c.Insecure = true }), "https://example.com/"); err != nil {
				t.Errorf("with Insecure: %v", err)
			}
			if n.Load() != 1 {
				t.Errorf("%d requests, want that of the insecure one alone", n.Load())
			}
		})
	}
}

// TestHTTPSEndpoint has its own trust: CACert counts besides the system's roots,
// Insecure is for targets alone.
func TestHTTPSEndpoint(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	s := serve(t, func(t testing.TB, conn net.Conn) {
		answering(&n, ok("1836172"))(t, tls.Server(conn, trusted().config(t, "127.0.0.1")))
	})
	https := func(c *Config) { c.Endpoint.Scheme = "https" }
	c := s.client(t, https)
	if r, err := get(t, c, "http://example.com/"); err != nil || r.Status != 200 {
		t.Fatalf("through a trusted endpoint: %v", err)
	}
	if session, err := c.CreateSession(t.Context()); err != nil || session.ID != "1836172" {
		t.Fatalf("sessions of a trusted endpoint: %v %v", session, err)
	}
	strange := func(c *Config) { c.CACert = newAuthority().pem; c.Insecure = true }
	_, err := get(t, s.client(t, https, strange), "http://example.com/")
	if e := asError(t, err); e.Class != Network || e.Op != "TLS handshake with "+s.addr {
		t.Errorf("an untrusted endpoint: %v", err)
	}
	if _, err := s.client(t, https, strange).ListSessions(t.Context()); asError(t, err).Class != Network {
		t.Errorf("sessions of an untrusted endpoint: %v", err)
	}
	c = s.client(t, https, strange, func(c *Config) { c.EndpointInsecure = true })
	if _, err := get(t, c, "http://example.com/"); err != nil {
		t.Errorf("with EndpointInsecure: %v", err)
	}
	if n.Load() != 3 {
		t.Errorf("%d requests, want 3", n.Load())
	}
}

// An endpoint that speaks no TLS is an error, never plain text.
func TestHTTPSEndpointThatIsNone(t *testing.T) {
	t.Parallel()
	s := serve(t, raw("HTTP/1.1 400 Bad Request\r\n\r\n"))
	_, err := get(t, s.client(t, func(c *Config) { c.Endpoint.Scheme = "https" }), "http://example.com/")
	if !strings.Contains(err.Error(), "does not speak TLS") {
		t.Errorf("%v", err)
	}
}

// There is no way around the proxy: with nobody at the endpoint nothing else is
// dialled.
func TestNoDirectFallback(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("NO_PROXY", "*")
	var target atomic.Int32
	s := serve(t, answering(&target, ok("direct")))
	var dialled []string
	c := s.client(t, func(cfg *Config) {
		cfg.Endpoint = mustURL("http://127.0.0.1:9")
		cfg.DialContext = func(_ context.Context, _, addr string) (net.Conn, error) {
			dialled = append(dialled, addr)
			return nil, errors.New("nobody there")
		}
	})
	for _, scheme := range []string{"http", "https"} {
		_, err := get(t, c, scheme+"://"+s.addr+"/")
		if e := asError(t, err); e.Class != Network || err.Error() != "connect to 127.0.0.1:9: proxyconnect tcp: nobody there" {
			t.Errorf("%s: %v", scheme, err)
		}
	}
	if strings.Join(dialled, " ") != "127.0.0.1:9 127.0.0.1:9" || target.Load() != 0 {
		t.Errorf("dialled %v; %d requests at the target", dialled, target.Load())
	}
}

func TestRefusedAndUnknownEndpoints(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	c, err := New(Config{Endpoint: mustURL("http://" + l.Addr().String()), Key: testKey})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := get(t, c, "http://example.com/"); err == nil || !strings.HasSuffix(err.Error(), ": connection refused") {
		t.Errorf("%v", err)
	}
	if _, err := c.ListSessions(t.Context()); err == nil || !strings.HasSuffix(err.Error(), "/sessions: connection refused") {
		t.Errorf("%v", err)
	}
	c, err = New(Config{Endpoint: mustURL("http://proxy.invalid:8011"), DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "proxy.invalid", IsNotFound: true}}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := get(t, c, "http://example.com/"); err.Error() != "connect to proxy.invalid:8011: cannot find the address of proxy.invalid: no such host" {
		t.Errorf("%v", err)
	}
}

// pipes is a client whose connections are in memory, for virtual time.
func pipes(t *testing.T, cfg Config, script func(net.Conn)) *Client {
	t.Helper()
	cfg.Endpoint, cfg.Key = mustURL("http://proxy:8011"), testKey
	cfg.DialContext = func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		go func() {
			script(far)
			far.Close()
		}()
		return near, nil
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// stall answers with text and then says nothing more until the client hangs up.
func stall(text string) func(net.Conn) {
	return func(conn net.Conn) {
		r := bufio.NewReader(conn)
		readRequest(r)
		io.WriteString(conn, text)
		io.Copy(io.Discard, r)
	}
}

// A connection must stand within its time, at whatever it stalls.
func TestConnectTimeout(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, answer, op string }{
		{"CONNECT", "", "CONNECT example.com:443"},
		{"head of the refusal", "HTTP/1.1 407 X\r\nX-", "CONNECT example.com:443"},
		{"TLS", "HTTP/1.1 200 OK\r\n\r\n", "TLS handshake with example.com:443"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := pipes(t, Config{ConnectTimeout: 30 * time.Second}, stall(tt.answer))
				start := time.Now()
				_, err := c.Dial(t.Context(), mustURL("https://example.com/"))
				if e := asError(t, err); e.Class != Network || err.Error() != tt.op+": no connection within the time for it" {
					t.Errorf("%v", err)
				}
				if took := time.Since(start); took != 30*time.Second {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

// The same holds for the sessions API, and where nobody picks up.
func TestConnectTimeoutOfSessions(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{"http://proxy:8011", "https://proxy:8014"} {
		synctest.Test(t, func(t *testing.T) {
			c, err := New(Config{
				Endpoint: mustURL(endpoint), EndpointInsecure: true, ConnectTimeout: 30 * time.Second,
				DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
					if endpoint == "http://proxy:8011" {
						<-ctx.Done()
						return nil, ctx.Err()
					}
					near, far := net.Pipe()
					go io.Copy(io.Discard, far)
					return near, nil
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			_, err = c.ListSessions(t.Context())
			if want := "GET " + endpoint + "/sessions: no connection within the time for it"; asError(t, err).Class != Network || err.Error() != want {
				t.Errorf("%v, want %s", err, want)
			}
			if took := time.Since(start); took != 30*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// A refusal counts although its body stalls.
func TestRefusalThatStalls(t *testing.T) {
	t.Parallel()
	const refusal = "HTTP/1.1 407 X\r\nX-Crawlera-Error: bad_proxy_auth\r\nContent-Length: 9\r\n\r\nhalf"
	for _, target := range []string{"http://example.com/", "https://example.com/"} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := pipes(t, Config{}, stall(refusal))
				start := time.Now()
				_, err := get(t, c, target)
				if e := asError(t, err); e.Class != Credentials || e.Code != "bad_proxy_auth" {
					t.Errorf("%v", err)
				}
				if took := time.Since(start); took != refusalTimeout {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

func TestContextEndsEverything(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, target, answer, text string }{
		{"CONNECT", "https://example.com/", "", "CONNECT example.com:443: timed out"},
		{"head", "http://example.com/", "HTTP/1.1 200 OK\r\n", "GET http://example.com/: timed out"},
		{"body", "http://example.com/", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "GET http://example.com/: timed out"},
		{"chunked body", "http://example.com/", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf", "GET http://example.com/: timed out"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := pipes(t, Config{}, stall(tt.answer))
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				start := time.Now()
				err := wholeGet(ctx, c, tt.target)
				if e := asError(t, err); e.Class != Network || err.Error() != tt.text || !errors.Is(err, context.DeadlineExceeded) || !e.TimedOut() {
					t.Errorf("%v", err)
				}
				if took := time.Since(start); took != 20*time.Second {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

type tooSlow struct{}

func (tooSlow) Error() string { return "too slow by far" }
func (tooSlow) Timeout() bool { return true }

func TestTimeoutTellsItsCause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, tooSlow{})
		defer cancel()
		err := wholeGet(ctx, pipes(t, Config{}, stall("HTTP/1.1 200 OK\r\n")), "http://example.com/")
		if e := asError(t, err); !e.TimedOut() || !errors.As(err, new(tooSlow)) || err.Error() != "GET http://example.com/: too slow by far" {
			t.Errorf("%v", err)
		}
	})
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			err := wholeGet(ctx, pipes(t, Config{}, stall(answer)), "http://example.com/")
			if !errors.Is(err, context.Canceled) || !strings.HasSuffix(err.Error(), ": interrupted") {
				t.Errorf("%v", err)
			}
		})
	}
}

// wholeGet is one whole GET, body included.
func wholeGet(ctx context.Context, c *Client, target string) error {
	conn, err := c.Dial(ctx, mustURL(target))
	if err != nil {
		return err
	}
	defer conn.Close()
	r, err := conn.Do(ctx, &Request{URL: mustURL(target)})
	if err != nil {
		return err
	}
	defer r.Body.Close()
	_, err = io.Copy(io.Discard, r.Body)
	return err
}

func TestInternationalHost(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	s := serve(t, func(t testing.TB, conn net.Conn) { answering(&n, ok(""))(t, trusted().tunnel(t, conn)) })
	if _, err := get(t, s.client(t), "https://bücher.example/"); err != nil {
		t.Fatal(err)
	}
	conn := &Conn{scheme: "https", addr: "xn--bcher-kva.example:443"}
	if !conn.leadsTo(mustURL("https://Bücher.example/")) {
		t.Error("the name of the host depends on its spelling")
	}
}
