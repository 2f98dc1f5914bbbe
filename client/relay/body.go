package relay

import (
	"bytes"
	"io"
	"net/http"
	"sync/atomic"

	"smp/client/paced"
)

const (
	// smallBody is read before its request waits for a slot. Only then does net/http
	// notice a client that leaves, and a body that is kept can be sent again.
	smallBody = 256 << 10
	// mostKept is what all bodies that are kept at once may take. A body that is too much
	// stays with its client until its request's slot, as a large one does.
	mostKept = 64 << 20
)

// room is what bodies that are kept take of memory. It is safe for concurrent use.
type room struct {
	most  int64
	taken atomic.Int64
}

// take takes room for a body of that length, -1 for unknown, if the body is to be kept.
// give gives the room back.
func (r *room) take(length int64) (give func(), ok bool) {
	if length < 0 || length > smallBody {
		return func() {}, false
	}
	give = func() { r.taken.Add(-length) }
	if r.taken.Add(length) > r.most {
		give()
		return func() {}, false
	}
	return give, true
}

// setBody puts the body of r into the job: all of it where it is kept, else a body that
// can be read only once.
func setBody(job *paced.Job, r *http.Request, kept bool) error {
	if r.Body == http.NoBody || r.ContentLength == 0 {
		return nil
	}
	job.Request.Length = r.ContentLength
	if !kept {
		job.BodyOnce = true
		job.Request.Body = func() (io.ReadCloser, error) { return io.NopCloser(waiting(r)), nil }
		return nil
	}
	all := make([]byte, r.ContentLength)
	job.Request.Body = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(all)), nil }
	_, err := io.ReadFull(r.Body, all)
	return err
}

// waiting is the body of r as it comes from the client. Of a body of known length the end
// is not looked for behind the last byte: by then the answer may have come, and with its
// first byte net/http closes the body. That would break off the answer.
func waiting(r *http.Request) io.Reader {
	if r.ContentLength < 0 {
		return r.Body
	}
	return io.LimitReader(r.Body, r.ContentLength)
}
