package mock

import (
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A connection that was forgotten ends, and not before its client has had time for
// all that it may want.
func TestConnectionsThatDoNothingEnd(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		sent  string
		limit time.Duration
	}{
		"nothing was sent":  {"", 10 * time.Minute},
		"half of a head":    {"GET http://example.com/ HTTP/1.1\r\nHost: e", 2 * time.Minute},
		"half of a TLS one": {"\x16\x03\x01\x02\x00\x01", 2 * time.Minute},
		"after an answer": {
			"GET http://example.com/ HTTP/1.1\r\nHost: e\r\nProxy-Authorization: " + basicAuth("test") + "\r\n\r\n", 30 * time.Minute,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := inBubble(t, Config{Origin: hello})
				c := w.open()
				defer c.Close()
				if tc.sent != "" { // a pipe hands on an empty write
					_, _ = io.WriteString(c, tc.sent)
				}
				_ = c.SetReadDeadline(time.Now().Add(tc.limit - time.Second))
				answer, err := io.ReadAll(c)
				if whole := strings.HasSuffix(tc.sent, "\r\n\r\n"); !errors.Is(err, os.ErrDeadlineExceeded) || whole != strings.HasPrefix(string(answer), "HTTP/1.1 200 ") {
					t.Fatalf("within the limit: %q, %v", answer, err)
				}
				_ = c.SetReadDeadline(time.Now().Add(2 * time.Second))
				if _, err := io.ReadAll(c); errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("still open %v after what it sent last", tc.limit+time.Second)
				}
			})
		})
	}
}

// Ten thousand connections that say nothing take less than 64 MB. Others run beside
// a parallel test, and would be counted.
func TestSilentConnectionsAreSmall(t *testing.T) {
	const n, most = 300, (64 << 20) / 10_000
	w := onLoopback(t, Config{Origin: hello})
	w.get("http://example.com/") // what is made once is there
	before := inUse()
	for range n {
		c := w.open()
		defer c.Close()
	}
	w.get("http://example.com/") // it came last, so all of them were accepted
	if each := (inUse() - before) / n; each > most {
		t.Errorf("%d bytes each, want %d at most", each, most)
	}
}

func inUse() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc + m.StackInuse)
}
