package relay

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smp/client/mock"
)

// raw writes requests by hand, "|" for the end of a line, and gives the answers'
// statuses. It writes each once the answer to the one before it was read.
func (w *world) raw(requests ...string) (statuses []int) {
	w.t.Helper()
	c, err := w.port.DialContext(w.t.Context(), "", "")
	if err != nil {
		w.t.Fatal(err)
	}
	defer c.Close()
	answers := bufio.NewReader(c)
	for _, request := range requests {
		if _, err := io.WriteString(c, strings.ReplaceAll(request, "|", "\r\n")+"\r\n\r\n"); err != nil {
			w.t.Fatal(err)
		}
		method, _, _ := strings.Cut(request, " ")
		resp, err := http.ReadResponse(answers, &http.Request{Method: method})
		if err != nil {
			w.t.Fatalf("%s: %v", request, err)
		}
		if method != http.MethodConnect || resp.StatusCode != http.StatusOK {
			_, _ = io.Copy(io.Discard, resp.Body)
		}
		statuses = append(statuses, resp.StatusCode)
	}
	return statuses
}

func TestRequestsOfOldClients(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{}, nil)
		tests := []struct {
			name     string
			requests []string
			last     int
		}{
			{"absolute form", []string{"GET http://shop.test/get HTTP/1.1|Host: shop.test"}, 200},
			{"HTTP/1.0", []string{"GET http://shop.test/get HTTP/1.0"}, 200},
			{"kept alive", []string{"GET http://a.test/get HTTP/1.1|Host: a.test", "GET http://b.test/get HTTP/1.1|Host: b.test"}, 200},
			{"CONNECT without Host", []string{"CONNECT shop.test:80 HTTP/1.1", "GET /get HTTP/1.1|Host: shop.test"}, 200},
			{"CONNECT of HTTP/1.0", []string{"CONNECT shop.test:80 HTTP/1.0", "GET /get HTTP/1.0"}, 200},
			{"plain http in a tunnel to 443", []string{"CONNECT shop.test:443 HTTP/1.1|Host: shop.test:443", "GET /get HTTP/1.1|Host: shop.test"}, 200},
			{"CONNECT to no port", []string{"CONNECT shop.test HTTP/1.1"}, 400},
			{"CONNECT in a tunnel", []string{"CONNECT shop.test:80 HTTP/1.1", "CONNECT shop.test:80 HTTP/1.1"}, 400},
			{"loopback in a tunnel", []string{"CONNECT localhost:80 HTTP/1.1", "GET / HTTP/1.1|Host: localhost"}, 403},
			{"ftp", []string{"GET ftp://shop.test/ HTTP/1.1|Host: shop.test"}, 400},
			{"no proxy request", []string{"GET /get HTTP/1.1|Host: 127.0.0.1:8012"}, 404},
			{"statistics", []string{"GET /_relay/stats HTTP/1.1|Host: 127.0.0.1:8012"}, 200},
			{"statistics under another name", []string{"GET /_relay/stats HTTP/1.1|Host: rebound.example"}, 403},
			{"statistics as a target", []string{"GET http://127.0.0.1:8012/_relay/stats HTTP/1.1|Host: 127.0.0.1:8012"}, 403},
			{"statistics are read only", []string{"POST /_relay/stats HTTP/1.1|Host: localhost|Content-Length: 0"}, 405},
			{"key of the CA", []string{"GET /_relay/spki HTTP/1.1|Host: localhost:1"}, 200},
			{"certificate", []string{"GET /_relay/ca.pem HTTP/1.1|Host: [::1]:1"}, 200},
		}
		for _, tt := range tests {
			statuses := w.raw(tt.requests...)
			if got := statuses[len(statuses)-1]; got != tt.last {
				t.Errorf("%s: %v, want %d at the end", tt.name, statuses, tt.last)
			}
		}
		for _, e := range w.targets() {
			if e.Status != 200 {
				t.Errorf("%s was answered %d", e.Target, e.Status)
			}
		}
	})
}

// A client that does nothing more keeps no connection for ever.
func TestIdleConnectionsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{}, nil)
		for name, first := range map[string]string{
			"silent tunnel": "CONNECT shop.test:443 HTTP/1.1\r\n\r\n",
			"kept alive":    "GET http://shop.test/get HTTP/1.1\r\nHost: shop.test\r\n\r\n",
		} {
			c, err := w.port.DialContext(t.Context(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if _, err := io.WriteString(c, first); err != nil {
				t.Fatal(err)
			}
			_ = c.SetReadDeadline(time.Now().Add(2 * idlePatience))
			if answer, err := io.ReadAll(c); err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 200 ")) {
				t.Errorf("%s: %v behind %.30q", name, err, answer)
			}
		}
	})
}

func TestToken(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		w := newWorld(t, mock.Config{}, func(c *Config) { c.Token = "s3cret" })
		for user, want := range map[string]bool{"": false, "shop": false, "shop:wrong": false, "shop:s3cret": true, ":s3cret": true} {
			c := w.newClient(user)
			defer c.CloseIdleConnections()
			r, err := w.do(c, "GET", scheme+"://shop.test/get", "")
			if admitted := err == nil && r.StatusCode == 200; admitted != want {
				t.Errorf("%q: admitted %t, %v", user, admitted, err)
			}
		}
		for _, e := range w.targets() {
			for name, values := range e.RequestHeaders {
				if strings.Contains(strings.Join(values, ""), "s3cret") {
					t.Errorf("%s tells the token", name)
				}
			}
		}
	})
}
