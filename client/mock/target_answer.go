package mock

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// targetAnswer is the ResponseWriter of the target. It adds the service's headers,
// keeps the service's limits, and applies a fault. After a failure nothing has
// been written, so that another attempt or a refusal can answer instead.
type targetAnswer struct {
	f         *fetch
	w         http.ResponseWriter
	ctx       context.Context
	limit     time.Duration
	timer     *time.Timer
	begun     bool
	failure   string // error code
	discarded bool   // the client never gets it

	announced int64 // Content-Length, -1 is unknown
	sent      int64
}

func (a *targetAnswer) Header() http.Header { return a.w.Header() }

// failTarget lets a target say why it cannot be fetched.
func (a *targetAnswer) failTarget(code string) {
	if a.f.clientLeft() {
		code = codeLeft
	}
	if !a.begun && a.failure == "" {
		a.failure = code
	}
}

func (a *targetAnswer) WriteHeader(status int) {
	if a.begun || a.over() {
		return
	}
	if status < 200 && status != http.StatusSwitchingProtocols {
		return // 1xx is not passed on
	}
	h := a.w.Header()
	a.f.s.stripControl(h)
	a.announced = -1
	if n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64); err == nil {
		a.announced = n
	}
	if a.announced > a.f.s.cfg.ResponseLimit {
		a.failure = "data_error"
		return
	}
	if status == statusLeft && a.f.clientLeft() {
		a.failure = codeLeft // httpbin's own answer to nobody
		return
	}
	if !a.timer.Stop() {
		a.failure = "timeout"
		return
	}
	defer a.timer.Reset(a.limit)
	a.begun = true
	if fault := a.f.fault; fault != nil && !fault.After {
		a.f.entry.Fault = fault.Name
	}
	a.f.keepCookies(h)
	if !a.discarded {
		a.f.label(h)
	}
	a.f.answered(status, h)
	a.w.WriteHeader(status)
}

// over reports whether the answer has failed, a time-out included.
func (a *targetAnswer) over() bool {
	if a.failure == "" && !a.begun && errors.Is(context.Cause(a.ctx), errTimeout) {
		a.failure = "timeout"
	}
	return a.failure != ""
}

var errAnswerOver = errors.New("the service has given up on this answer")

func (a *targetAnswer) Write(p []byte) (int, error) {
	if !a.begun {
		a.WriteHeader(http.StatusOK)
	}
	if a.failure != "" {
		return 0, errAnswerOver
	}
	a.timer.Stop()
	defer a.timer.Reset(a.limit)
	if a.sent+int64(len(p)) > a.f.s.cfg.ResponseLimit {
		panic(http.ErrAbortHandler) // too late for a 541
	}
	n, err := a.writeFaulty(p)
	a.sent += int64(n)
	a.f.entry.Bytes = a.sent
	return n, err
}

// writeFaulty writes what a fault leaves of p.
func (a *targetAnswer) writeFaulty(p []byte) (int, error) {
	switch {
	case a.f.fault == nil:
		return a.w.Write(p)
	case a.f.fault.Name == faultSlow:
		return a.trickle(p)
	case a.f.fault.Name == faultTruncate:
		return a.truncate(p)
	}
	return a.w.Write(p)
}

// trickleBytes go out each second of the service's.
const trickleBytes = 256

func (a *targetAnswer) trickle(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var wrote int
		wrote, err = a.w.Write(p[n:min(n+trickleBytes, len(p))])
		n += wrote
		a.Flush()
		s := a.f.s
		if !s.clock.sleep(s.clock.now().Add(time.Second), a.f.r.Context().Done(), s.connQueue.closed) {
			return n, errAnswerOver
		}
	}
	return n, err
}

// truncate breaks off at the middle of the body, or of its first piece where
// its length is not announced.
func (a *targetAnswer) truncate(p []byte) (int, error) {
	most := a.announced / 2
	if a.announced < 0 {
		most = int64(len(p)) / 2
	}
	if left := most - a.sent; int64(len(p)) < left {
		return a.w.Write(p)
	} else if left > 0 {
		n, _ := a.w.Write(p[:left])
		a.f.entry.Bytes += int64(n)
	}
	a.Flush()
	panic(http.ErrAbortHandler)
}

// Flush implements http.Flusher.
func (a *targetAnswer) Flush() {
	if !a.begun {
		a.WriteHeader(http.StatusOK)
	}
	if a.failure == "" {
		_ = http.NewResponseController(a.w).Flush()
	}
}

// finish ends the answer when the target has.
func (a *targetAnswer) finish() {
	switch {
	case !a.begun && !a.over():
		a.WriteHeader(http.StatusOK)
	case a.begun && errors.Is(context.Cause(a.ctx), errTimeout):
		panic(http.ErrAbortHandler) // silent in the middle of the body
	}
	if a.begun && a.f.fault != nil && a.f.fault.Name == faultTruncate {
		panic(http.ErrAbortHandler) // a body of nothing
	}
}

// discardedAnswer takes an answer that the client never gets.
type discardedAnswer struct{ h http.Header }

func (n discardedAnswer) Header() http.Header         { return n.h }
func (n discardedAnswer) Write(p []byte) (int, error) { return len(p), nil }
func (n discardedAnswer) WriteHeader(int)             {}
