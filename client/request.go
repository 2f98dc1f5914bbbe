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
	Session     string                        // "", "create" or an id: sent as X-Crawlera-Session, whatever Header says
	Body        func() (io.ReadCloser, error) // nil for none; called once per Do
	Length      int64                         // of Body; -1 = unknown, sent in chunks
	Compressed  bool                          // ask for gzip or deflate and decode the answer
	OnWrite     func()                        // called once, from another goroutine, as the head goes out; may be nil
	OnWritten   func()                        // called, maybe more than once or after Do has returned, from another goroutine, when the head has left; may be nil
	OnFirstByte func()                        // called once, as soon as the head of the answer is there; may be nil
}

// Response is an answer of the target. The caller closes Body, which also ends
// the exchange: a body closed before its end closes the connection.
type Response struct {
	Proto   string // "HTTP/1.1"
	Status  int
	Reason  string      // without the API key
	Header  http.Header // as received, also where Body was decoded, but without the API key
	Body    io.ReadCloser
	Length  int64 // of Body; -1 = unknown
	Decoded bool  // Body is without the content codings that Header names
	Service ServiceHeaders

	conn *Conn
}

// What Discard reads of a body to keep its connection.
const (
	discardLimit   = 64 << 10
	discardTimeout = time.Second
)

// Discard closes the body unseen. It reads a short rest first, so that the connection
// can serve another request. It gives up a rest that is long or takes over a second, and
// the connection with it.
func (r *Response) Discard() {
	if r.conn != nil {
		giveUp := time.AfterFunc(discardTimeout, func() { r.conn.Close() })
		defer giveUp.Stop()
	}
	_, _ = io.CopyN(io.Discard, r.Body, discardLimit)
	r.Body.Close()
}
