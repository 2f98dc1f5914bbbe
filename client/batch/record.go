package batch

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"
	"unicode/utf8"
)

// Record is what became of a line, as results hold it: one JSON object a line.
// A line succeeded if Error is nil.
type Record struct {
	Line   int             `json:"line"`
	Digest Digest          `json:"digest"`
	ID     json.RawMessage `json:"id"`   // as in the list; null for none
	File   *string         `json:"file"` // of the body, in the directory of the results

	URL             string      `json:"url"`
	EffectiveURL    *string     `json:"effective_url"`
	Status          *int        `json:"status"`
	Session         *string     `json:"session"`
	SessionCreated  bool        `json:"session_created"`
	SessionReplaced *string     `json:"session_replaced"`
	IP              *string     `json:"ip"`
	NextRequestIn   *float64    `json:"next_request_in_s"`
	Waited          float64     `json:"waited_s"`
	Elapsed         float64     `json:"elapsed_s"`
	Attempts        int         `json:"attempts"`
	Bytes           int64       `json:"bytes"`
	SHA256          *string     `json:"sha256"`
	Headers         http.Header `json:"headers"`
	Error           *Failure    `json:"error"`

	Body       *string `json:"body,omitempty"`
	BodyBase64 []byte  `json:"body_base64,omitempty"`
}

// Failure is why a line has no success. Unknown is null.
type Failure struct {
	Code       *string  `json:"code"`
	Status     *int     `json:"status"`
	Message    string   `json:"message"`
	Session    *string  `json:"session"`
	RetryAfter *float64 `json:"retry_after_s"`
}

// inline puts a body into the record: as text where it is text.
func (r *Record) inline(body []byte) {
	if utf8.Valid(body) {
		text := string(body)
		r.Body = &text
		return
	}
	r.BodyBase64 = body
}

// encoded calls write with the record's line, without a newline.
func (r *Record) encoded(write func(line []byte) error) error {
	b := encodeBuffers.Get().(*[]byte)
	*b = r.appendJSON((*b)[:0])
	err := write(*b)
	if cap(*b) <= maxPooled {
		encodeBuffers.Put(b)
	}
	return err
}

// maxPooled keeps a few large bodies from staying in memory for ever.
const maxPooled = 256 << 10

var encodeBuffers = sync.Pool{New: func() any { return new([]byte) }}

// known is a pointer to v, nil for the zero value: in JSON, unknown is null.
func known[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func seconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }

func knownSeconds(d time.Duration) *float64 {
	if d == 0 {
		return nil
	}
	s := seconds(d)
	return &s
}
