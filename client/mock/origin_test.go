package mock

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// through is a client of a running mock with that origin.
func through(t *testing.T, origin http.Handler) *http.Client {
	t.Helper()
	server, err := Start(Config{Origin: origin})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	endpoint, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	endpoint.User = url.UserPassword("test", "")
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(server.CACert())
	transport := &http.Transport{Proxy: http.ProxyURL(endpoint), TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func got(t *testing.T, client *http.Client, url string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestOriginsBehindTheMock(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(http.RedirectHandler("/next", http.StatusFound))
	t.Cleanup(plain.Close)
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name := range r.Header {
			if strings.HasPrefix(name, "Proxy-") || strings.HasPrefix(name, "X-Crawlera-") {
				t.Errorf("the target got %s", name)
			}
		}
		_, _ = io.WriteString(w, "for "+r.Host)
	}))
	t.Cleanup(secure.Close)
	files, err := Files(folder(t, map[string]string{"example.com/a.txt": "from a folder"}))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, url, holds string
		origin           http.Handler
		status           int
		code             string
	}{
		{"httpbin", "http://example.com/some/path", `"url": "http://example.com/some/path"`, HTTPBin(), 200, ""},
		{"httpbin over TLS", "https://example.com/some/path", `"url": "https://example.com/some/path"`, HTTPBin(), 200, ""},
		{"a folder", "http://example.com/a.txt", "from a folder", files, 200, ""},
		{"a folder over TLS", "https://example.com/a.txt", "from a folder", files, 200, ""},
		{"not in a folder", "http://example.com/b.txt", "no file", files, 404, ""},
		{"forwarded", plain.URL + "/", "", Passthrough(), 302, ""},
		{"forwarded over TLS", secure.URL + "/", "for " + strings.TrimPrefix(secure.URL, "https://"), Passthrough(), 200, ""},
		{"not forwarded", "http://192.0.2.1/", "", Passthrough(), 523, "domain_forbidden"},
		{"not forwarded over TLS", "https://192.0.2.1/", "", Passthrough(), 523, "domain_forbidden"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			resp, body := got(t, through(t, tc.origin), tc.url)
			if resp.StatusCode != tc.status || !strings.Contains(body, tc.holds) || resp.Header.Get("X-Crawlera-Error") != tc.code {
				t.Errorf("%d %q %q, want %d %q", resp.StatusCode, resp.Header.Get("X-Crawlera-Error"), body, tc.status, tc.holds)
			}
		})
	}
}

// /ip is the outgoing IP that the service names.
func TestIPBehindTheMock(t *testing.T) {
	t.Parallel()
	resp, body := got(t, through(t, nil), "https://example.com/ip?format=text")
	if slave := resp.Header.Get("X-Crawlera-Slave"); !strings.HasPrefix(slave, strings.TrimSpace(body)+":") || len(body) < 8 {
		t.Errorf("/ip says %q, the service %q", body, slave)
	}
}

func TestLargeBodyBehindTheMock(t *testing.T) {
	t.Parallel()
	client := through(t, nil)
	resp, err := client.Get("https://example.com/bytes/50000000?seed=1")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if n, err := io.Copy(io.Discard, resp.Body); n != 50_000_000 || err != nil || resp.ContentLength != n {
		t.Errorf("%d bytes of %d (%v)", n, resp.ContentLength, err)
	}
	if resp, _ := got(t, client, "http://example.com/bytes/600000000"); resp.StatusCode != 541 {
		t.Errorf("600 MB: status %d, want 541", resp.StatusCode)
	}
}
