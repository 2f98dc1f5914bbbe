package mock

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// targetRequest is a request as an origin gets it: in server form, with the
// target as its URL and the outgoing IP as its sender.
func targetRequest(t testing.TB, method, url string, body io.Reader) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, url, body)
	r.RemoteAddr = "198.18.0.7:3128"
	if r.URL.Scheme == "https" {
		r.TLS = &tls.ConnectionState{}
	}
	return r
}

func answer(t testing.TB, origin http.Handler, method, url string, body string) *httptest.ResponseRecorder {
	t.Helper()
	return answerTo(origin, targetRequest(t, method, url, strings.NewReader(body)))
}

func answerTo(origin http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	origin.ServeHTTP(w, r)
	return w
}

func TestHTTPBinPaths(t *testing.T) {
	t.Parallel()
	origin := HTTPBin()
	for _, tc := range []struct {
		method, url string
		status      int
		holds       string
	}{
		{"GET", "http://example.com/get", 200, `"url": "http://example.com/get"`},
		{"GET", "https://example.com/get?a=1", 200, `"url": "https://example.com/get?a=1"`},
		{"POST", "http://example.com/post", 200, `"data": "hello"`},
		{"GET", "http://example.com/status/404", 404, ""},
		{"GET", "http://example.com/status/418", 418, "teapot"},
		{"GET", "http://example.com/image/nosuch", 404, "Not Found"},
		{"POST", "http://example.com/get", 405, ""},
		{"GET", "http://example.com/", 200, "<html"},
		{"GET", "http://shop.example/item/7?x=y", 200, `"url": "http://shop.example/item/7?x=y"`},
		{"PUT", "http://shop.example/get/", 200, `"method": "PUT"`},
		{"GET", "http://shop.example/a//b/../c", 200, `"url": "http://shop.example/a//b/../c"`},
		{"DELETE", "http://shop.example/item", 200, `"method": "DELETE"`},
		{"GET", "http://shop.example/ip/", 200, `"origin": "198.18.0.7"`},
		{"GET", "http://shop.example/bytes/ten", 400, "invalid byte count"},
		{"GET", "http://shop.example/bytes/-1", 400, "invalid byte count"},
		{"GET", "http://shop.example/bytes/5?seed=x", 400, "invalid seed"},
		{"GET", "http://shop.example/stream-bytes/5?chunk_size=0", 400, "invalid chunk_size"},
		{"GET", "http://shop.example/drip?delay=2h", 400, "invalid delay"},
		{"GET", "http://shop.example/drip?duration=-1s", 400, "invalid duration"},
		{"GET", "http://shop.example/drip?numbytes=0", 400, "invalid numbytes"},
		{"GET", "http://shop.example/drip?code=99", 400, "invalid code"},
	} {
		w := answer(t, origin, tc.method, tc.url, "hello")
		if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.holds) {
			t.Errorf("%s %s: %d %q, want %d with %q", tc.method, tc.url, w.Code, w.Body, tc.status, tc.holds)
		}
		if nosniff := w.Header().Get("X-Content-Type-Options"); w.Code == 200 && nosniff != "" {
			t.Errorf("%s %s: a header of the answer that was held back is left", tc.method, tc.url)
		}
	}
}

func TestHTTPBinIPBelievesTheConnection(t *testing.T) {
	t.Parallel()
	r := targetRequest(t, "GET", "http://example.com/ip", nil)
	for _, name := range []string{"X-Forwarded-For", "True-Client-IP", "CF-Connecting-IP"} {
		r.Header.Set(name, "1.2.3.4")
	}
	w := httptest.NewRecorder()
	HTTPBin().ServeHTTP(w, r)
	var got map[string]string
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got["origin"] != "198.18.0.7" || len(got) != 1 {
		t.Errorf("/ip says %q (%v)", w.Body, err)
	}
	if text := answer(t, HTTPBin(), "GET", "http://example.com/ip?format=text", "").Body.String(); text != "198.18.0.7\n" {
		t.Errorf("/ip?format=text says %q", text)
	}
}

func TestHTTPBinDelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		if w := answer(t, HTTPBin(), "GET", "http://example.com/delay/600", ""); w.Code != 200 {
			t.Errorf("status %d", w.Code)
		}
		if took := time.Since(begin); took != 10*time.Minute {
			t.Errorf("took %v, want ten minutes", took)
		}
	})
}

// goneWriter is the connection of a client that hung up.
type goneWriter struct{ *httptest.ResponseRecorder }

func (goneWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestHTTPBinPanicsQuietly(t *testing.T) {
	t.Parallel()
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("panicked with %v, want the one that net/http takes quietly", got)
		}
	}()
	HTTPBin().ServeHTTP(goneWriter{httptest.NewRecorder()}, targetRequest(t, "GET", "http://example.com/get", nil))
}
