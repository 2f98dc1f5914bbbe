package mock

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Whoever makes an answer, it is one of the service's: a client that reads the
// version decides by it whose answer it is.
func TestEveryAnswerIsTheServices(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: HTTPBin()})
	auth := "Proxy-Authorization: " + basicAuth("test") + "\r\n"
	for name, tc := range map[string]struct{ request, want string }{
		"no Host":                   {"GET http://e.example/ HTTP/1.1\r\n" + auth, "400 Bad Request"},
		"no request":                {"GET\r\n", "400 Bad Request"},
		"an expectation":            {"GET http://e.example/ HTTP/1.1\r\nHost: e\r\nExpect: x\r\n" + auth, "417 Expectation Failed"},
		"an unknown coding":         {"GET http://e.example/ HTTP/1.1\r\nHost: e\r\nTransfer-Encoding: x\r\n" + auth, "501 Not Implemented"},
		"another version":           {"GET http://e.example/ HTTP/2.0\r\nHost: e\r\n" + auth, "505 HTTP Version Not Supported"},
		"a large head":              {"GET http://e.example/ HTTP/1.1\r\nHost: e\r\nX: " + strings.Repeat("x", 150<<10) + "\r\n" + auth, "413 Request Entity Too Large"},
		"a head larger than memory": {"GET http://e.example/ HTTP/1.1\r\nHost: e\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n" + auth, "413 Request Entity Too Large"},
		"WebSocket":                 {"GET http://e.example/websocket/echo HTTP/1.1\r\nHost: e\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + auth, "501 Not Implemented"},
		"h2c":                       {"GET http://e.example/ HTTP/1.1\r\nHost: e\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n" + auth, "200 OK"},
		"a target's 417":            {"GET http://e.example/status/417 HTTP/1.1\r\nHost: e\r\nConnection: close\r\n" + auth, "417 Expectation Failed"},
	} {
		for _, secure := range []bool{false, true} {
			got := readAll(t, w, secure, tc.request+"\r\n")
			if !strings.HasPrefix(got, "HTTP/1.1 "+tc.want+"\r\n") || strings.Count(got, "\r\nX-Crawlera-Version: ") != 1 || strings.Count(got, "\r\nDate: ") != 1 {
				t.Errorf("%s, TLS %t: %.300q", name, secure, got)
			}
		}
	}
}

// readAll sends a request and reads until the connection ends, which must not
// take long.
func readAll(t *testing.T, w *world, secure bool, request string) string {
	t.Helper()
	c := w.open()
	if secure { // an https endpoint
		config := w.trust()
		config.ServerName = "localhost"
		c = tls.Client(c, config)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(2 * time.Minute))
	go func() { _, _ = io.WriteString(c, request) }()
	got, err := io.ReadAll(c)
	if err != nil && len(got) == 0 {
		t.Errorf("%v after %d bytes", err, len(got))
	}
	return string(got)
}

// A transcript of HTTP in a body is no answer of net/http's.
func TestBodiesAreLeftAlone(t *testing.T) {
	t.Parallel()
	const transcript = "HTTP/1.1 400 Bad Request\r\nContent-Length: 1\r\n\r\nx"
	w := onLoopback(t, Config{Origin: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range 3 {
			_, _ = io.WriteString(w, transcript)
			_ = http.NewResponseController(w).Flush()
		}
	})})
	for range 3 {
		if got := w.get("http://e.example/"); got.body != strings.Repeat(transcript, 3) {
			t.Errorf("%q", got.body)
		}
	}
}

// The second answer on a connection is the service's as well.
func TestOwnAnswerAfterAHandlers(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: hello})
	c := w.open()
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(2 * time.Minute))
	buf := make([]byte, 4096)
	if _, err := io.WriteString(c, "GET http://e.example/ HTTP/1.1\r\nHost: e\r\nProxy-Authorization: "+basicAuth("test")+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Read(buf); err != nil || !strings.HasPrefix(string(buf[:n]), "HTTP/1.1 200 ") {
		t.Fatalf("%q, %v", buf[:n], err)
	}
	if _, err := io.WriteString(c, "GET\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	got, _ := io.ReadAll(c)
	if text := string(got); !strings.Contains(text, "HTTP/1.1 400 ") || !strings.Contains(text, "X-Crawlera-Version: ") {
		t.Errorf("%q", text)
	}
}

// A client that closed its side while the target takes its time has its answer
// still, and it is one that the service documents.
func TestHalfClosedClients(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{})
	for _, path := range []string{"/ip", "/delay/1", "/drip?delay=1"} {
		c := w.open()
		_ = c.SetDeadline(time.Now().Add(2 * time.Minute))
		_, _ = io.WriteString(c, "GET http://e.example"+path+" HTTP/1.1\r\nHost: e\r\nProxy-Authorization: "+basicAuth("test")+"\r\n\r\n")
		if err := c.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(c)
		text := string(got)
		if !strings.HasPrefix(text, "HTTP/1.1 200 ") && !strings.Contains(text, "X-Crawlera-Error: client_conn_closed\r\n") {
			t.Errorf("%s: %q", path, text)
		}
		_ = c.Close()
	}
}

// An answer that says close is followed by the close, although net/http waits for
// a body that the client will never send.
func TestAnswersThatSayCloseClose(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: hello})
	auth := "Proxy-Authorization: " + basicAuth("test") + "\r\n"
	for name, request := range map[string]string{
		"a small body":    "PUT http://e.example/ HTTP/1.1\r\nHost: e\r\nExpect: 100-continue\r\nContent-Length: 100\r\n" + auth,
		"a large body":    "PUT http://e.example/ HTTP/1.1\r\nHost: e\r\nExpect: 100-continue\r\nContent-Length: 100000000\r\n" + auth,
		"without a key":   "PUT http://e.example/ HTTP/1.1\r\nHost: e\r\nExpect: 100-continue\r\nContent-Length: 100\r\n",
		"HTTP/1.0":        "GET http://e.example/ HTTP/1.0\r\n" + auth,
		"asked for":       "GET http://e.example/ HTTP/1.1\r\nHost: e\r\nConnection: close\r\n" + auth,
		"a refusal":       "GET http://e.example/ HTTP/1.1\r\nHost: e\r\nX-Crawlera-Session: 1\r\n" + auth,
		"a refused body":  "PUT http://e.example/ HTTP/1.1\r\nHost: e\r\nContent-Length: 100\r\nX-Crawlera-Session: 1\r\n" + auth,
		"a sessions call": "POST /nothing HTTP/1.1\r\nHost: e\r\n",
	} {
		began := time.Now()
		if got := readAll(t, w, false, request+"\r\n"); !strings.HasPrefix(got, "HTTP/1.") {
			t.Errorf("%s: %q", name, got)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("%s: closed after %v", name, took)
		}
	}
}
