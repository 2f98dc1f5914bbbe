package mock

import (
	"compress/gzip"
	"maps"
	"net/http"
	"slices"
	"sync"
)

// gzipWriters take turns: a new one is most of what an answer costs, 800 KB.
var gzipWriters = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// zyteAnswer is the last part of an answer's way to a client of Zyte API. It keeps
// back redirects that are followed, and compresses the other answers unasked.
type zyteAnswer struct {
	w        http.ResponseWriter
	header   http.Header
	follow   bool
	coded    bool // the client leaves the coding to the service
	bodyless bool

	moved int // status of a redirect that was kept back
	gz    *gzip.Writer
}

func (a *zyteAnswer) Header() http.Header { return a.header }

func (a *zyteAnswer) WriteHeader(status int) {
	if a.follow && isRedirect(status) && a.header.Get("Location") != "" {
		a.moved = status
		return
	}
	a.send(status)
}

func (a *zyteAnswer) send(status int) {
	if a.compresses(status) {
		a.header.Set("Content-Encoding", "gzip")
		a.header.Del("Content-Length")
		a.gz = gzipWriters.Get().(*gzip.Writer)
		a.gz.Reset(a.w)
	}
	maps.Copy(a.w.Header(), a.header)
	a.w.WriteHeader(status)
}

func (a *zyteAnswer) compresses(status int) bool {
	return a.coded && !a.bodyless && a.header.Get("Content-Encoding") == "" &&
		status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// pass hands on a redirect that leads nowhere.
func (a *zyteAnswer) pass() {
	status := a.moved
	a.moved, a.follow = 0, false
	a.header.Set("Content-Length", "0") // its body is gone
	a.bodyless = true
	a.send(status)
}

func (a *zyteAnswer) Write(p []byte) (int, error) {
	switch {
	case a.moved != 0:
		return len(p), nil
	case a.gz != nil:
		return a.gz.Write(p)
	}
	return a.w.Write(p)
}

// Flush implements http.Flusher.
func (a *zyteAnswer) Flush() {
	if a.moved != 0 {
		return
	}
	if a.gz != nil {
		_ = a.gz.Flush()
	}
	_ = http.NewResponseController(a.w).Flush()
}

func (a *zyteAnswer) close() {
	if a.gz != nil {
		_ = a.gz.Close()
		gzipWriters.Put(a.gz)
	}
}

func isRedirect(status int) bool {
	return slices.Contains([]int{301, 302, 303, 307, 308}, status)
}
