package mock

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// seen answers with what the target saw.
var seen = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "%s %s host=%s from=%s tls=%t uri=%s\n", r.Method, r.URL, r.Host, r.RemoteAddr, r.TLS != nil, r.RequestURI)
	_ = r.Header.Write(w)
})

func TestWhatTheTargetSees(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: seen, Delay: -1})
	id := w.newSession()
	from := w.mock.State().IPs[0].IP + ":8800"
	for _, target := range []string{"http://example.com/a?b=c", "https://example.com/a?b=c", "http://example.com:8080/a?b=c", "https://example.com:8443/a?b=c", "http://[2001:db8::1]/a?b=c"} {
		r := w.get(target, inSession(id), "X-Crawlera-JobId: 9", "X-Crawlera-Strange: 1", "Proxy-Strange: 2", "Proxy-Connection: keep-alive",
			"Authorization: Basic dTpw", "X-Own: 3", "X-Hop: 4", "Connection: X-Hop", "User-Agent: me")
		u, _ := url.Parse(target)
		want := fmt.Sprintf("GET %s host=%s from=%s tls=%t uri=/a?b=c\nAccept-Encoding: gzip\r\nAuthorization: Basic dTpw\r\nUser-Agent: me\r\nX-Own: 3\r\n",
			target, u.Host, from, u.Scheme == "https")
		if r.body != want {
			t.Errorf("%s\n got %q\nwant %q", target, r.body, want)
		}
		if got := r.Header.Get("X-Crawlera-Slave"); got != from {
			t.Errorf("%s: from %s, told %s", target, from, got)
		}
	}
}

// The ways in which real clients come.
func TestWaysIn(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: hello})
	auth := "Proxy-Authorization: " + basicAuth("test") + "\r\n"
	ok := func(name, got, want string) {
		t.Helper()
		if !strings.HasPrefix(got, "HTTP/1.") || !strings.Contains(got, " 200 ") || !strings.HasSuffix(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	ok("absolute form", w.raw("GET http://example.com/x HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n"+auth+"\r\n"), "hello from http://example.com/x")
	ok("absolute form, HTTP/1.0", w.raw("GET http://example.com/x HTTP/1.0\r\n"+auth+"\r\n"), "hello from http://example.com/x")
	ok("absolute form, https", w.raw("GET https://example.com/x HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n"+auth+"\r\n"), "hello from https://example.com/x")
	ok("upper case scheme", w.raw("GET HTTP://example.com/x HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n"+auth+"\r\n"), "hello from http://example.com/x")

	inner := "GET /x HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n"
	heads := map[string]string{
		"no Host":           "CONNECT example.com:%s HTTP/1.1\r\n" + auth + "\r\n",
		"HTTP/1.0":          "CONNECT example.com:%s HTTP/1.0\r\n" + auth + "\r\n",
		"Connection: close": "CONNECT example.com:%s HTTP/1.1\r\nHost: example.com:443\r\nConnection: close\r\n" + auth + "\r\n",
		"lower case":        "CONNECT example.com:%s HTTP/1.1\r\n" + strings.ToLower("Proxy-Authorization") + ": " + basicAuth("test") + "\r\n\r\n",
	}
	for name, head := range heads {
		ok(name+", http inside", w.raw(fmt.Sprintf(head, "80")+inner), "hello from http://example.com/x")
		ok(name+", TLS inside", w.inTunnel(fmt.Sprintf(head, "443"), inner), "hello from https://example.com/x")
	}
	ok("the key again inside", w.inTunnel(fmt.Sprintf(heads["no Host"], "443"), "GET /x HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n"+auth+"\r\n"), "hello from https://example.com/x")
	ok("absolute form inside", w.inTunnel(fmt.Sprintf(heads["no Host"], "443"), "GET https://example.com/x HTTP/1.0\r\n\r\n"), "hello from https://example.com/x")
	ok("an address", w.inTunnel("CONNECT 192.0.2.1:443 HTTP/1.1\r\n"+auth+"\r\n", inner), "hello from https://192.0.2.1/x")
	ok("IPv6", w.inTunnel("CONNECT [2001:db8::1]:443 HTTP/1.1\r\n"+auth+"\r\n", inner), "hello from https://[2001:db8::1]/x")
}

// inTunnel sends a CONNECT and, in TLS, what follows. It returns what comes
// back inside.
func (w *world) inTunnel(connect, inner string) string {
	w.t.Helper()
	c := w.open()
	defer c.Close()
	_, _ = io.WriteString(c, connect)
	resp, err := http.ReadResponse(bufio.NewReaderSize(oneByte{c}, 16), &http.Request{Method: http.MethodConnect})
	if err != nil || resp.StatusCode != http.StatusOK {
		w.t.Fatalf("%q: %v %v", connect, err, resp)
	}
	name, _, _ := net.SplitHostPort(strings.Fields(connect)[1])
	secure := tls.Client(c, w.trusting(name))
	_, _ = io.WriteString(secure, inner)
	all, _ := io.ReadAll(secure)
	return string(all)
}

func TestOnlyHTTP11IsOffered(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{})
	for _, tc := range []struct {
		offer []string
		want  string
	}{{[]string{"h2", "http/1.1"}, "http/1.1"}, {[]string{"h2"}, ""}, {[]string{"http/1.0"}, ""}, {nil, ""}} {
		config := w.trusting("example.com")
		config.NextProtos = tc.offer
		c := tls.Client(w.connect("example.com:443"), config)
		if err := c.Handshake(); err != nil || c.ConnectionState().NegotiatedProtocol != tc.want {
			t.Errorf("%q: %v, %q", tc.offer, err, c.ConnectionState().NegotiatedProtocol)
		}
	}
}

func TestAnHTTPSEndpointOnTheSamePort(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: hello})
	plain := w.dial
	proxy := &url.URL{Scheme: "https", Host: strings.TrimPrefix(w.mock.URL(), "http://"), User: url.UserPassword("test", "")}
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), DialContext: plain, TLSClientConfig: w.trust()}
	defer transport.CloseIdleConnections()
	for _, target := range []string{"http://example.com/", "https://example.com/"} {
		r := readReply((&http.Client{Transport: transport}).Get(target))
		if r.err != nil || r.body != "hello from "+target {
			t.Errorf("%s: %v %q", target, r.err, r.body)
		}
	}
	r := readReply((&http.Client{Transport: &http.Transport{DialContext: plain, TLSClientConfig: w.trust(), DisableKeepAlives: true}}).
		Do(w.request("GET", "https://"+proxy.Host+"/sessions", nil, "Authorization: "+basicAuth("test"))))
	if r.err != nil || r.body != "{}" {
		t.Errorf("/sessions: %v %q", r.err, r.body)
	}
}

// A client that first tries without credentials repeats itself on the same
// connection.
func Test407LeavesTheConnection(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n", "CONNECT example.com:80 HTTP/1.1\r\n"} {
		w := onLoopback(t, Config{Origin: hello})
		c := w.open()
		r := bufio.NewReader(c)
		_, _ = io.WriteString(c, target+inSession("create")+"\r\n\r\n")
		resp, err := http.ReadResponse(r, nil)
		if err != nil || resp.StatusCode != 407 || resp.Close {
			t.Fatalf("%v %v", err, resp)
		}
		got := readReply(resp, nil)
		if got.Header.Get("Proxy-Authenticate") != `Basic realm="Crawlera"` || got.code() != "bad_proxy_auth" ||
			got.body != "Incorrect authentication data" || got.Header.Get("X-Crawlera-Version") == "" {
			t.Errorf("%v %q", got.Header, got.body)
		}
		_, _ = io.WriteString(c, target+"Proxy-Authorization: "+basicAuth("test")+"\r\n\r\n")
		if resp, err = http.ReadResponse(r, nil); err != nil || resp.StatusCode != http.StatusOK {
			t.Errorf("again, with the key: %v %v", err, resp)
		}
		if n := len(w.mock.State().Sessions); n != 0 {
			t.Errorf("%d sessions were made", n)
		}
		_ = c.Close()
	}
}

func Test407Switches(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{CloseOn407: true, EmptyBody407: true})
	got := w.raw("GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n")
	head, body, _ := strings.Cut(got, "\r\n\r\n")
	for _, want := range []string{"HTTP/1.1 407 Proxy Authentication Required\r\n", "\r\nConnection: close", "\r\nProxy-Connection: close", "\r\nContent-Length: 0"} {
		if !strings.Contains(head, want) {
			t.Errorf("no %q in %q", want, head)
		}
	}
	if body != "" {
		t.Errorf("body %q", body)
	}
}

func TestAWrongKeyInsideATunnel(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: hello})
	got := w.inTunnel("CONNECT example.com:443 HTTP/1.1\r\nProxy-Authorization: "+basicAuth("test")+"\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nProxy-Authorization: "+basicAuth("wrong")+"\r\n\r\n")
	if !strings.HasPrefix(got, "HTTP/1.1 407 ") {
		t.Errorf("%q", got)
	}
}

func TestRedirectsAreHandedOn(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{})
	r := w.get("https://example.com/redirect/1", "X-Crawlera-Session: create")
	if r.StatusCode != http.StatusFound || r.Header.Get("Location") == "" || r.Header.Get("X-Crawlera-Session") == "" {
		t.Errorf("%v %v", r.Status, r.Header)
	}
}

func TestCreateWithARequest(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: hello, Delay: -1})
	for _, target := range []string{"http://example.com/", "https://example.com/"} {
		made := w.get(target, "X-Crawlera-Session: create").Header.Get("X-Crawlera-Session")
		r := w.get(target, inSession(made))
		if r.StatusCode != http.StatusOK || r.Header.Get("X-Crawlera-Session") != made {
			t.Errorf("%s: %v in session %q, which answers %q", target, r.Status, made, r.Header.Get("X-Crawlera-Session"))
		}
	}
}

func TestBadSessionIDs(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: hello})
	for _, id := range []string{"", "1", "abc", "Create", "0", "1836172"} {
		for _, target := range []string{"http://example.com/", "https://example.com/"} {
			r := w.get(target, inSession(id))
			if r.StatusCode != http.StatusBadRequest || r.code() != "bad_session_id" || r.body != "Bad session ID" {
				t.Errorf("%q: %v %q %q", id, r.Status, r.code(), r.body)
			}
			if got := r.Header.Get("X-Crawlera-Session"); got != id {
				t.Errorf("%q is answered for %q", id, got)
			}
			if r.Header.Get("X-Crawlera-Slave") != "" {
				t.Error("an error names an outgoing IP")
			}
		}
	}
}

func TestBadTargets(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: hello})
	auth := "Proxy-Authorization: " + basicAuth("test") + "\r\n\r\n"
	for _, line := range []string{
		"CONNECT example.com HTTP/1.1", "CONNECT example.com:0 HTTP/1.1", "CONNECT example.com:65536 HTTP/1.1", "CONNECT :443 HTTP/1.1",
		"CONNECT exa_mple..com:443 HTTP/1.1", "CONNECT /path HTTP/1.1", "GET ftp://example.com/ HTTP/1.1\r\nHost: x", "GET http:/// HTTP/1.1\r\nHost: x",
		"GET http://example.com:0/ HTTP/1.1\r\nHost: x", "GET http://example.com:99999/ HTTP/1.1\r\nHost: x",
	} {
		if got := w.raw(line + "\r\n" + auth); !strings.HasPrefix(got, "HTTP/1.1 401 ") || !strings.Contains(got, "X-Crawlera-Error: bad_uri") {
			t.Errorf("%s: %q", line, got)
		}
	}
	zyte := onLoopback(t, Config{Service: ServiceZyteAPI, Origin: hello})
	for _, url := range []string{"ftp://example.com/", "http:///", "http://example.com:0/", "http://example.com:99999/"} {
		if got := zyte.raw("GET " + url + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + auth); !strings.Contains(got, "Zyte-Error-Type: /request/invalid") {
			t.Errorf("Zyte API, %s: %q", url, got)
		}
	}
}

func TestConcurrencyLimit(t *testing.T) {
	t.Parallel()
	release, inside := make(chan struct{}), make(chan struct{})
	w := onLoopback(t, Config{ConcurrencyLimit: 1, Origin: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inside <- struct{}{}
		<-release
	})})
	done := make(chan reply)
	go func() { done <- w.get("https://example.com/") }()
	<-inside
	r := w.get("https://example.com/")
	if r.StatusCode != http.StatusTooManyRequests || r.code() != "too_many_conns" {
		t.Errorf("%v %q", r.Status, r.code())
	}
	close(release)
	if r := <-done; r.StatusCode != http.StatusOK {
		t.Errorf("the first: %v", r.Status)
	}
}
