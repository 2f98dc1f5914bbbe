package mock

import (
	"bytes"
	"io"
	"log"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// FuzzPort throws bytes at the port. The bubble finds what hangs and what is
// left behind: it ends only when every goroutine has.
func FuzzPort(f *testing.F) {
	auth := "Proxy-Authorization: " + basicAuth("test") + "\r\n"
	api := "Host: localhost\r\nAuthorization: " + basicAuth("test") + "\r\n"
	for _, seed := range []string{
		"", "\r\n", "\x16\x03\x01\x00\x05hello", "\x00\xff\x16", "GET / HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"POST /sessions HTTP/1.1\r\n" + api + "\r\n",
		"GET /sessions HTTP/1.0\r\n" + api + "\r\n",
		"DELETE /sessions/%2e HTTP/1.1\r\n" + api + "\r\n",
		"GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n" + auth + "X-Crawlera-Session: create\r\n\r\n",
		"GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n" + auth + "\r\nGET http://example.com/ HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST http://example.com/ HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n" + auth + "\r\nhalf",
		"POST http://example.com/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" + auth + "X-Crawlera-Session: create\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		"CONNECT example.com:443 HTTP/1.1\r\n" + auth + "\r\n\x16\x03\x01",
		"CONNECT example.com:80 HTTP/1.0\r\n" + auth + "\r\nGET / HTTP/1.1\r\nHost: x\r\nX-Crawlera-Debug: ua,request-time\r\n\r\n",
		"CONNECT example.com:80 HTTP/1.1\r\n" + auth + "\r\nCONNECT a:1 HTTP/1.1\r\n\r\n",
		"POST /_mock/faults HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nstall",
		"POST /_mock/clock HTTP/1.1\r\nHost: localhost\r\nContent-Length: 16\r\n\r\n{\"advance\":\"1h\"}",
		"GET /_mock/journal?after=-1 HTTP/1.1\r\nHost: localhost\r\n\r\nOPTIONS * HTTP/1.1\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		synctest.Test(t, func(t *testing.T) {
			var logged bytes.Buffer
			w := inBubble(t, Config{Origin: hello, Delay: time.Hour})
			w.mock.http.ErrorLog = log.New(&logged, "", 0)
			session := w.newSession()
			w.throw(data)
			synctest.Wait()
			if held := w.mock.State(); held.InFlight != 0 || held.Held != 0 {
				t.Errorf("%d requests in flight, %d held, without a client", held.InFlight, held.Held)
			}
			if _, alive := w.mock.store.list()[session]; !alive && !bytes.Contains(data, []byte("/_mock/")) && !bytes.Contains(data, []byte("DELETE")) {
				t.Error("the session is gone")
			}
			_ = w.mock.Close()
			if strings.Contains(logged.String(), "panic") {
				t.Error(logged.String())
			}
		})
	})
}

// throw sends bytes, hears what comes back for a while, and leaves.
func (w *world) throw(data []byte) {
	c := w.open()
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	go func() { _, _ = io.Copy(io.Discard, c) }()
	_, _ = c.Write(data)
	synctest.Wait()
}

// FuzzAddress reads what a CONNECT may name.
func FuzzAddress(f *testing.F) {
	for _, seed := range []string{"example.com:443", "[::1]:443", "192.0.2.1:80", "a:0", ":1", "[::1%25eth0]:1", "a:b:c", "xn--nxasmq6b:443", "a:+1", "a:443\r\nX: y"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := parseAddress(s)
		if err != nil {
			return
		}
		again, err := parseAddress(a.String())
		if err != nil || *again != *a {
			t.Errorf("%q is %v, which is read as %v, %v", s, a, again, err)
		}
		if _, port, err := net.SplitHostPort(a.String()); err != nil || port != a.port {
			t.Errorf("%q: %q %v", s, port, err)
		}
		if strings.ContainsAny(a.under("https"), " \r\n/?#@") {
			t.Errorf("%q goes into a URL as %q", s, a.under("https"))
		}
	})
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for s, want := range map[string][2]string{ // under https and http
		"Example.COM:443": {"example.com", "example.com:443"},
		"example.com:80":  {"example.com:80", "example.com"},
		"[::1]:443":       {"[::1]", "[::1]:443"},
		"[::1]:8443":      {"[::1]:8443", "[::1]:8443"},
		"192.0.2.1:443":   {"192.0.2.1", "192.0.2.1:443"},
	} {
		a, err := parseAddress(s)
		if err != nil || a.under("https") != want[0] || a.under("http") != want[1] {
			t.Errorf("%s: %v %v", s, a, err)
		}
	}
	for _, s := range []string{"", "example.com", "example.com:", "example.com:0", "example.com:70000", "example.com:-1", "example.com:+1", ":443", "a b:443", "a@b:443", "::1:443", "[::1%eth0]:443x"} {
		if a, err := parseAddress(s); err == nil {
			t.Errorf("%q is %v", s, a)
		}
	}
}
