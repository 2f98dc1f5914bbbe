package paced

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"smp/client"
)

func mustURL(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// uploading is a request that carries everything a redirect may have to drop.
func uploading(t *testing.T, method, to string) client.Request {
	return client.Request{
		Method: method,
		URL:    mustURL(t, to),
		Header: http.Header{
			"Authorization": {"Basic dTpw"}, "Cookie": {"a=1"}, "Content-Type": {"text/plain"}, "Accept": {"*/*"},
		},
		Body:   func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("body")), nil },
		Length: 4,
	}
}

func TestNextHopMethodAndBody(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method string
		status int
		want   string
		body   bool
	}{
		{"POST", 301, "GET", false},
		{"POST", 302, "GET", false},
		{"POST", 303, "GET", false},
		{"POST", 307, "POST", true},
		{"POST", 308, "POST", true},
		{"PUT", 301, "PUT", true},
		{"PUT", 303, "GET", false},
		{"HEAD", 303, "HEAD", true},
		{"GET", 302, "GET", true},
	} {
		next, err := nextHop(uploading(t, c.method, "http://a.example/x"), c.status, "/y", false)
		if err != nil {
			t.Fatal(err)
		}
		if next.Method != c.want || (next.Body != nil) != c.body || (next.Header.Get("Content-Type") != "") != c.body {
			t.Errorf("%s after %d: %s, body %t, headers %v; want %s, body %t", c.method, c.status, next.Method, next.Body != nil, next.Header, c.want, c.body)
		}
		if next.URL.String() != "http://a.example/y" {
			t.Errorf("%s after %d goes to %s", c.method, c.status, next.URL)
		}
	}
}

func TestNextHopKeepsCredentialsAtHome(t *testing.T) {
	t.Parallel()
	for location, kept := range map[string]bool{
		"/y":                      true,
		"http://A.example:80/y":   true,
		"//a.example/y":           true,
		"https://a.example/y":     false,
		"http://a.example:8080/y": false,
		"http://b.example/y":      false,
		"http://sub.a.example/y":  false,
	} {
		req := uploading(t, "GET", "http://a.example/x")
		next, err := nextHop(req, 302, location, false)
		if err != nil {
			t.Fatal(err)
		}
		got := next.Header.Get("Authorization") != "" && next.Header.Get("Cookie") != ""
		if got != kept || next.Header.Get("Accept") == "" {
			t.Errorf("to %s: headers %v, want credentials kept: %t", location, next.Header, kept)
		}
		if req.Header.Get("Cookie") == "" {
			t.Errorf("to %s: the caller's own headers were changed", location)
		}
	}
}

func TestNextHopRefuses(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("evil", 100_000)
	for _, location := range []string{
		"ftp://a.example/", "file:///etc/passwd", "javascript:alert(1)", "http://", "http://[::1", "http:///x", long + ":x", "ftp://" + long, "http://[" + long,
	} {
		_, err := nextHop(uploading(t, "GET", "http://a.example/"+long), 302, location, false)
		if _, ok := errors.AsType[*RedirectError](err); !ok || len(err.Error()) > 1000 {
			t.Errorf("to %.50q: %.2000v, want a RedirectError in a line", location, err)
		}
	}
}

func TestNextHopKeepsAMethodThatWasInsistedOn(t *testing.T) {
	t.Parallel()
	next, err := nextHop(uploading(t, "POST", "http://a.example/x"), 302, "/y", true)
	if err != nil || next.Method != "POST" || next.Body != nil {
		t.Errorf("%s, body %t, %v; want a POST without its body", next.Method, next.Body != nil, err)
	}
}

func TestNextHopWritesHostsInASCII(t *testing.T) {
	t.Parallel()
	next, err := nextHop(uploading(t, "GET", "http://a.example/x"), 302, "//bücher.example/ü", false)
	if err != nil || next.URL.String() != "http://xn--bcher-kva.example/%C3%BC" {
		t.Errorf("%v, %v", next.URL, err)
	}
}
