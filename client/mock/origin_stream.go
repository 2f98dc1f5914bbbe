package mock

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// Bodies of any size from one small buffer. httpbin's own builds them whole in
// memory: 200 MB take it 790.

const streamChunk = 64 << 10

// serveBytes answers /bytes/N and, in chunks, /stream-bytes/N: N random bytes,
// the same ones for the same ?seed=.
func serveBytes(w http.ResponseWriter, r *http.Request, count string, chunked bool) {
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil || n < 0 {
		badRequest(w, "invalid byte count %q", count)
		return
	}
	chunk, err := intParam(r, "chunk_size", 10<<10, 1, 1<<20)
	if err != nil {
		badRequest(w, "%v", err)
		return
	}
	source, err := randomSource(r.URL.Query().Get("seed"))
	if err != nil {
		badRequest(w, "invalid seed: %v", err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	flush := func() {}
	if chunked {
		flush = func() { _ = http.NewResponseController(w).Flush() }
	} else {
		w.Header().Set("Content-Length", strconv.FormatInt(n, 10))
		chunk = streamChunk
	}
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	flush()
	buf := make([]byte, min(n, chunk))
	for left := n; left > 0; left -= int64(len(buf)) {
		buf = buf[:min(left, chunk)]
		_, _ = source.Read(buf)
		if _, err := w.Write(buf); err != nil {
			return
		}
		flush()
	}
}

func randomSource(seed string) (io.Reader, error) {
	number := rand.Uint64()
	if seed != "" {
		n, err := strconv.ParseInt(seed, 10, 64)
		if err != nil {
			return nil, err
		}
		number = uint64(n)
	}
	var key [32]byte
	for i := range 8 {
		key[i] = byte(number >> (8 * i))
	}
	return rand.NewChaCha8(key), nil
}

// drip is what /drip was asked for.
type drip struct {
	delay, duration time.Duration
	bytes, status   int64
}

func parseDrip(r *http.Request) (d drip, err error) {
	if d.delay, err = durationParam(r, "delay", 2*time.Second); err != nil {
		return d, err
	}
	if d.duration, err = durationParam(r, "duration", 2*time.Second); err != nil {
		return d, err
	}
	if d.bytes, err = intParam(r, "numbytes", 10, 1, 1<<40); err != nil {
		return d, err
	}
	d.status, err = intParam(r, "code", http.StatusOK, 200, 599)
	return d, err
}

// serveDrip answers /drip: after ?delay= a body of ?numbytes= stars, spread
// over ?duration=, with a Content-Length.
func serveDrip(w http.ResponseWriter, r *http.Request) {
	d, err := parseDrip(r)
	if err != nil {
		badRequest(w, "%v", err)
		return
	}
	if !pause(r, d.delay) {
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Length", strconv.FormatInt(d.bytes, 10))
	w.WriteHeader(int(d.status))
	if r.Method == http.MethodHead {
		return
	}
	d.pour(w, r)
}

// pour writes in steps of a byte, or of more where that would be over a
// hundred steps a second.
func (d drip) pour(w http.ResponseWriter, r *http.Request) {
	steps := min(d.bytes, max(1, int64(d.duration/(10*time.Millisecond))))
	stars := make([]byte, streamChunk)
	for i := range stars {
		stars[i] = '*'
	}
	begin := time.Now()
	for step := range steps {
		// A part of the whole at a time, so that no rounding adds up.
		from, to := part(d.bytes, step, steps), part(d.bytes, step+1, steps)
		for left := to - from; left > 0; {
			n, err := w.Write(stars[:min(left, streamChunk)])
			if err != nil {
				return
			}
			left -= int64(n)
		}
		_ = http.NewResponseController(w).Flush()
		next := begin.Add(time.Duration(float64(d.duration) * float64(step+1) / float64(steps)))
		if step+1 < steps && !pause(r, time.Until(next)) {
			return
		}
	}
}

// part is where the step of so many steps begins in a body of n bytes.
func part(n, step, steps int64) int64 {
	return n/steps*step + min(step, n%steps)
}

// pause reports whether the client is still there after d.
func pause(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return r.Context().Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

func intParam(r *http.Request, name string, otherwise, low, high int64) (int64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("invalid %s %q: want %d to %d", name, text, low, high)
	}
	return n, nil
}

// durationParam reads "1.5" as seconds and "1500ms" as it stands.
func durationParam(r *http.Request, name string, otherwise time.Duration) (time.Duration, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return otherwise, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		d, err = time.ParseDuration(text + "s")
	}
	if err != nil || d < 0 || d > maxPause {
		return 0, fmt.Errorf("invalid %s %q: want at most %v", name, text, maxPause)
	}
	return d, nil
}

func badRequest(w http.ResponseWriter, format string, args ...any) {
	http.Error(w, fmt.Sprintf(format, args...), http.StatusBadRequest)
}
