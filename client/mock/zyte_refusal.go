package mock

import (
	"net/http"
	"strconv"
)

// problemHeader is the header of an error of Zyte API's.
func (x *exchange) problemHeader(r *refusal) http.Header {
	h := http.Header{
		"Content-Length":   {strconv.Itoa(len(x.s.text(r)))},
		"Content-Language": {"en"},
		"Content-Type":     {"text/plain"},
		"Date":             {x.s.date()},
		"Zyte-Error-Type":  {r.code},
		"Zyte-Error-Title": {r.title},
	}
	if x.s.cfg.ErrorBody == errorBodyJSON {
		h.Set("Content-Type", "application/problem+json")
	}
	if r.status == http.StatusProxyAuthRequired {
		h.Set("Proxy-Authenticate", `Basic realm="Zyte API"`)
	}
	if r.retry != "" {
		h.Set("Retry-After", r.retry)
	}
	if r.legacy != "" && hasControl(x.r.Header) {
		h.Set("X-Crawlera-Error", r.legacy)
	}
	x.identify(h)
	return h
}

// identify puts on an answer what Zyte API has on every one: the request's ID. A
// client that asked with the old header is told its session in the old way.
func (x *exchange) identify(h http.Header) {
	if x.entry.RequestID == "" {
		x.entry.RequestID = x.s.store.requestID()
	}
	h["Zyte-Request-ID"] = []string{x.entry.RequestID}
	if _, old := first(x.r.Header, "X-Crawlera-Session"); old {
		x.echo(h)
	}
}

// noSuchPage answers what a client asks of the endpoint itself, where there is no
// sessions API.
func (x *exchange) noSuchPage() {
	h := x.w.Header()
	x.identify(h)
	h.Set("Content-Type", "text/plain")
	x.answered(http.StatusNotFound, h)
	x.w.WriteHeader(http.StatusNotFound)
	if x.r.Method != http.MethodHead {
		n, _ := x.w.Write([]byte("Not Found"))
		x.entry.Bytes = int64(n)
	}
}
