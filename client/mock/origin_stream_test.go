package mock

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestBytes(t *testing.T) {
	t.Parallel()
	origin := HTTPBin()
	for _, n := range []int{0, 1, 1000, streamChunk - 1, streamChunk, streamChunk + 1, 3*streamChunk + 7} {
		for _, kind := range []string{"bytes", "stream-bytes"} {
			url := fmt.Sprintf("http://example.com/%s/%d?seed=4", kind, n)
			w := answer(t, origin, "GET", url, "")
			if w.Code != 200 || w.Body.Len() != n {
				t.Errorf("%s: %d with %d bytes", url, w.Code, w.Body.Len())
			}
			length := w.Header().Get("Content-Length")
			if want := map[string]string{"bytes": fmt.Sprint(n)}[kind]; length != want {
				t.Errorf("%s: Content-Length %q, want %q", url, length, want)
			}
			if again := answer(t, origin, "GET", url, ""); !bytes.Equal(again.Body.Bytes(), w.Body.Bytes()) {
				t.Errorf("%s: the same seed gave other bytes", url)
			}
			if n < 1000 {
				continue
			}
			if other := answer(t, origin, "GET", strings.Replace(url, "seed=4", "seed=5", 1), ""); bytes.Equal(other.Body.Bytes(), w.Body.Bytes()) {
				t.Errorf("%s: another seed gave the same bytes", url)
			}
			if head := answer(t, origin, "HEAD", url, ""); head.Body.Len() != 0 || head.Header().Get("Content-Length") != length {
				t.Errorf("HEAD %s: %d bytes, Content-Length %q", url, head.Body.Len(), head.Header().Get("Content-Length"))
			}
		}
	}
}

// chunkWriter counts what it is given and keeps none of it.
type chunkWriter struct {
	header  http.Header
	size    int64
	flushes int
	longest int
}

func (w *chunkWriter) Header() http.Header { return w.header }
func (w *chunkWriter) WriteHeader(int)     {}
func (w *chunkWriter) Flush()              { w.flushes++ }
func (w *chunkWriter) Write(b []byte) (int, error) {
	w.size += int64(len(b))
	w.longest = max(w.longest, len(b))
	return len(b), nil
}

func TestStreamBytesChunks(t *testing.T) {
	t.Parallel()
	w := &chunkWriter{header: http.Header{}}
	HTTPBin().ServeHTTP(w, targetRequest(t, "GET", "http://example.com/stream-bytes/1000?chunk_size=300", nil))
	if w.size != 1000 || w.longest != 300 || w.flushes != 5 { // the head and four chunks
		t.Errorf("%d bytes, longest chunk %d, %d flushes", w.size, w.longest, w.flushes)
	}
}

// Not parallel: it looks at what the whole process allocates.
func TestLargeBodiesKeepMemoryFlat(t *testing.T) {
	const size = 256 << 20
	origin := HTTPBin()
	for _, url := range []string{"/bytes/%d", "/stream-bytes/%d?chunk_size=65536", "/drip?delay=0&duration=0&numbytes=%d"} {
		w := &chunkWriter{header: http.Header{}}
		r := targetRequest(t, "GET", "http://example.com"+fmt.Sprintf(url, size), nil)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		origin.ServeHTTP(w, r)
		runtime.ReadMemStats(&after)
		if w.size != size {
			t.Errorf("%s: %d bytes", url, w.size)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 {
			t.Errorf("%s: allocated %d bytes", url, grown)
		}
	}
}

func TestDripTiming(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, tc := range []struct {
			query string
			size  int
			took  time.Duration // the last byte is not waited after
		}{
			{"", 10, 2*time.Second + 1800*time.Millisecond},
			{"?delay=1m&duration=0&numbytes=100000", 100000, time.Minute},
			{"?delay=0&duration=1&numbytes=100000", 100000, 990 * time.Millisecond},
			{"?delay=1.5&duration=10s&numbytes=2&code=503", 2, 6500 * time.Millisecond},
		} {
			begin := time.Now()
			w := answer(t, HTTPBin(), "GET", "http://example.com/drip"+tc.query, "")
			if took := time.Since(begin); took != tc.took || w.Body.Len() != tc.size {
				t.Errorf("%q: %d bytes in %v, want %d in %v", tc.query, w.Body.Len(), took, tc.size, tc.took)
			}
			if strings.Trim(w.Body.String(), "*") != "" {
				t.Errorf("%q: not only stars", tc.query)
			}
			if want := 200 + 303*strings.Count(tc.query, "503"); w.Code != want {
				t.Errorf("%q: status %d", tc.query, w.Code)
			}
		}
	})
}

func TestDripEndsWithItsClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, leaves := range []time.Duration{time.Second, time.Minute} { // in the delay, in the body
			ctx, cancel := context.WithTimeout(t.Context(), leaves)
			r := targetRequest(t, "GET", "http://example.com/drip?delay=30s&duration=1h&numbytes=3600", nil).WithContext(ctx)
			begin := time.Now()
			HTTPBin().ServeHTTP(httptest.NewRecorder(), r)
			if took := time.Since(begin); took != leaves {
				t.Errorf("went on for %v, the client left after %v", took, leaves)
			}
			cancel()
		}
	})
}

func TestPartsAreWhole(t *testing.T) {
	t.Parallel()
	for _, tc := range [][2]int64{{10, 10}, {7, 3}, {1 << 40, 360000}, {1, 1}} {
		n, steps := tc[0], tc[1]
		if part(n, 0, steps) != 0 || part(n, steps, steps) != n {
			t.Errorf("%d in %d steps begins at %d and ends at %d", n, steps, part(n, 0, steps), part(n, steps, steps))
		}
		for step := range min(steps, 1000) {
			if size := part(n, step+1, steps) - part(n, step, steps); size < n/steps || size > n/steps+1 {
				t.Errorf("%d in %d steps: step %d has %d bytes", n, steps, step, size)
			}
		}
	}
}
