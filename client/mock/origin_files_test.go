package mock

import (
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func folder(t *testing.T, content map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range content {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFiles(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{
		"example.com/index.html":     "<p>home",
		"example.com/a/b.txt":        "a file",
		"example.com/a/data.json":    "{}",
		"example.com/a/index.html":   "<p>a",
		"example.com/empty/.keep":    "",
		"example.com/with space.txt": "spaced",
		"127.0.0.1/index.html":       "<p>address",
		"secret.txt":                 "not of any host",
	})
	if err := os.Symlink("../../secret.txt", filepath.Join(dir, "example.com/a/inside")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(os.DevNull, filepath.Join(dir, "example.com/device")); err != nil {
		t.Fatal(err)
	}
	outside := folder(t, map[string]string{"passwd": "outside"})
	if err := os.Symlink(outside, filepath.Join(dir, "example.com/outside")); err != nil {
		t.Fatal(err)
	}
	origin, err := Files(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		method, url string
		status      int
		body        string // "" is not looked at
	}{
		{"GET", "http://example.com/", 200, "<p>home"},
		{"GET", "http://example.com:8080/", 200, "<p>home"},
		{"GET", "https://EXAMPLE.com/index.html", 200, "<p>home"},
		{"GET", "http://127.0.0.1:9/", 200, "<p>address"},
		{"GET", "http://example.com/a/b.txt?q=1", 200, "a file"},
		{"GET", "http://example.com/with%20space.txt", 200, "spaced"},
		{"GET", "http://example.com/a/", 200, "<p>a"},
		{"GET", "http://example.com/a/../a/./b.txt", 200, "a file"},
		{"GET", "http://example.com/a/inside", 200, "not of any host"}, // the user's own link, within the folder
		{"GET", "http://example.com/a", 301, ""},
		{"GET", "http://example.com/a/b.txt/", 404, ""},
		{"GET", "http://example.com/empty/", 404, ""},
		{"GET", "http://example.com/device", 404, ""},
		{"GET", "http://example.com/outside/passwd", 404, ""},
		{"GET", "http://example.com/../secret.txt", 404, ""},
		{"GET", "http://example.com/%2e%2e/secret.txt", 404, ""},
		{"GET", "http://example.com/..%2fsecret.txt", 404, ""},
		{"GET", "http://example.com/..%5csecret.txt", 404, ""},
		{"GET", "http://example.com/a/b.txt%00", 404, ""},
		{"GET", "http://other.example/", 404, ""},
		{"HEAD", "http://example.com/a/b.txt", 200, ""},
		{"POST", "http://example.com/a/b.txt", 405, ""},
	} {
		w := answer(t, origin, tc.method, tc.url, "")
		if w.Code != tc.status || tc.body != "" && w.Body.String() != tc.body {
			t.Errorf("%s %s: %d %q, want %d %q", tc.method, tc.url, w.Code, w.Body, tc.status, tc.body)
		}
	}
}

func TestFilesHosts(t *testing.T) {
	t.Parallel()
	origin, err := Files(folder(t, map[string]string{"secret.txt": "secret", "host/x": "x"}))
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"", ".", "..", "../..", "host/..", `..\`, "host/", "/", "h\x00st"} {
		r := targetRequest(t, "GET", "http://example.com/secret.txt", nil)
		r.Host = host
		w := httptest.NewRecorder()
		origin.ServeHTTP(w, r)
		if w.Code < 400 || strings.Contains(w.Body.String(), "secret\n") || w.Body.String() == "secret" {
			t.Errorf("host %q: %d %q", host, w.Code, w.Body)
		}
	}
}

func TestFilesDetails(t *testing.T) {
	t.Parallel()
	origin, err := Files(folder(t, map[string]string{"example.com/a/data.json": `{"a":1}`}))
	if err != nil {
		t.Fatal(err)
	}
	if got := answer(t, origin, "GET", "http://example.com/a/data.json", "").Header(); got.Get("Content-Type") != "application/json" || got.Get("Last-Modified") == "" {
		t.Errorf("headers %v", got)
	}
	r := targetRequest(t, "GET", "http://example.com/a/data.json", nil)
	r.Header.Set("Range", "bytes=1-3")
	w := httptest.NewRecorder()
	origin.ServeHTTP(w, r)
	if w.Code != 206 || w.Body.String() != `"a"` {
		t.Errorf("range: %d %q", w.Code, w.Body)
	}
	if to := answer(t, origin, "GET", "http://example.com/a", "").Header().Get("Location"); to != "a/" {
		t.Errorf("a directory without slash leads to %q", to)
	}
	if runtime.GOOS != "windows" {
		if w := answer(t, origin, "GET", "http://example.com/a/data.json/x", ""); w.Code != 404 {
			t.Errorf("below a file: %d", w.Code)
		}
	}
}

func TestFilesNeedsADirectory(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"file": ""})
	for _, path := range []string{filepath.Join(dir, "missing"), filepath.Join(dir, "file")} {
		if _, err := Files(path); err == nil {
			t.Errorf("Files(%s) worked", filepath.Base(path))
		}
	}
}

// No host and no path lead out of the folder, or to a host's files from another.
func FuzzFiles(f *testing.F) {
	dir := f.TempDir()
	for name, text := range map[string]string{"secret": "outside", "folder/secret": "of no host", "folder/example.com/file": "inside"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			f.Fatal(err)
		}
	}
	origin, err := Files(filepath.Join(dir, "folder"))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][2]string{{"example.com", "/file"}, {"..", "/secret"}, {"example.com", "/../secret"}, {"example.com/..", "secret"}, {".", "//secret"}, {`..\`, `\..\secret`}, {"example.com:80", "/../../secret"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, host, path string) {
		r := targetRequest(t, "GET", "http://example.com/", nil)
		r.Host, r.URL.Path = host, path
		w := httptest.NewRecorder()
		origin.ServeHTTP(w, r)
		if body := w.Body.String(); w.Code == 200 && body != "inside" {
			t.Fatalf("%q %q: %q", host, path, body)
		}
	})
}
