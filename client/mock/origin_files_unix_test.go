//go:build unix

package mock

import (
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Nobody writes into these: whoever opens one waits for ever.
func TestFilesOpensNoFIFO(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"example.com/a.txt": "", "index.example/a.txt": ""})
	fifo := filepath.Join(dir, "example.com", "fifo")
	if err := errors.Join(
		syscall.Mkfifo(fifo, 0o600),
		syscall.Mkfifo(filepath.Join(dir, "index.example", "index.html"), 0o600),
		os.Symlink("fifo", filepath.Join(dir, "example.com", "link")),
	); err != nil {
		t.Fatal(err)
	}
	origin, err := Files(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"http://example.com/fifo", "http://example.com/link", "http://example.com/fifo/", "http://index.example/", "http://index.example"} {
		w := httptest.NewRecorder()
		atOnce(t, url, func() { origin.ServeHTTP(w, targetRequest(t, "GET", url, nil)) })
		if w.Code != 404 {
			t.Errorf("%s: %d, want 404", url, w.Code)
		}
	}
	atOnce(t, "the folder", func() { _, err = Files(fifo) })
	if err == nil {
		t.Error("a FIFO is taken for a folder")
	}
}

func atOnce(t *testing.T, what string, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { do(); close(done) }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatalf("%s: still waiting", what)
	}
}
