package batch

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"sync"
	"unicode/utf8"

	"smp/client/paced"
)

// Record is what became of a line, as results hold it: one JSON object a line.
// A line succeeded if Error is nil.
type Record struct {
	Line   int             `json:"line"`
	Digest Digest          `json:"digest"`
	ID     json.RawMessage `json:"id"`   // as in the list; null for none
	File   string          `json:"file"` // of the body, in the directory of the results; null for none

	paced.Report

	Body       *string `json:"body,omitempty"`
	BodyBase64 []byte  `json:"body_base64,omitempty"`
}

// MarshalJSON is what [json.Marshal] calls.
func (r *Record) MarshalJSON() ([]byte, error) { return r.appendJSON(nil), nil }

func (r *Record) appendJSON(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"line":`...), int64(r.Line), 10)
	b = append(b, `,"digest":"`...)
	digest, _ := r.Digest.MarshalText()
	b = append(append(b, digest...), `","id":`...)
	if len(r.ID) == 0 {
		b = append(b, "null"...)
	}
	b = append(append(b, r.ID...), `,"file":`...)
	if r.File == "" {
		b = append(b, "null"...)
	} else {
		b = paced.AppendString(b, r.File)
	}
	b = r.AppendMembers(append(b, ','))
	if r.Body != nil {
		b = paced.AppendString(append(b, `,"body":`...), *r.Body)
	}
	if len(r.BodyBase64) > 0 {
		b = append(b, `,"body_base64":"`...)
		b = append(base64.StdEncoding.AppendEncode(b, r.BodyBase64), '"')
	}
	return append(b, '}')
}

// inline puts a body into the record: as text where it is text.
func (r *Record) inline(body string) {
	if utf8.ValidString(body) {
		r.Body = &body
		return
	}
	r.BodyBase64 = []byte(body)
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
