package client

import (
	"io"
	"net/http"
	"net/url"
	"time"
)

// Request is one request to a target, through the proxy.
type Request struct {
	Method      string                        // "" = GET
	URL         *url.URL                      // http or https
	Header      http.Header                   // X-Crawlera-* among them; a name with a nil value removes a default (User-Agent, Accept, Accept-Encoding, Expect)
	Session     string                        // "", "create" or an id: sent as X-Crawlera-Session
	Body        func() (io.ReadCloser, error) // nil = none; called once per Do
	Length      int64                         // of Body; -1 = unknown, sent in chunks
	Compressed  bool                          // ask for gzip or deflate and decode the answer
	OnFirstByte func()                        // called once, as soon as the head of the answer is there; may be nil
}

// Response is an answer of the target. The caller closes Body, which also ends
// the exchange: a body closed before its end closes the connection.
type Response struct {
	Proto   string // "HTTP/1.1"
	Status  int
	Reason  string
	Header  http.Header // as received, also where Body was decoded
	Body    io.ReadCloser
	Length  int64 // of Body; -1 = unknown
	Service Service
}

// Service is what the service's own headers say beside an answer.
type Service struct {
	Session       string        // X-Crawlera-Session; "" = none, or not a valid id
	IP            string        // host part of X-Crawlera-Slave; "" = none
	NextRequestIn time.Duration // X-Crawlera-Next-Request-In (its unit, seconds, is inferred); 0 = none, at most 1000 s
	RetryAfter    time.Duration // Retry-After, where the answer is the service's own; 0 = none, at most 1000 s
	Dialect       Dialect
}

// Dialect tells which product answers at the endpoint.
type Dialect int

const (
	DialectUnknown Dialect = iota
	DialectSPM             // X-Crawlera-Version is there
	DialectZyte            // Zyte-Request-ID is there: Zyte API's proxy mode
)
