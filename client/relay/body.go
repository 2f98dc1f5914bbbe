package relay

import (
	"bytes"
	"io"
	"net/http"

	"smp/client/paced"
)

// smallBody is read before its request waits for a slot. Only then does net/http
// notice a client that leaves, and a body that is kept can be sent again.
const smallBody = 256 << 10

// setBody puts the body of r into the job.
func setBody(job *paced.Job, r *http.Request) error {
	switch {
	case r.Body == http.NoBody || r.ContentLength == 0:
		return nil
	case 0 < r.ContentLength && r.ContentLength <= smallBody:
		kept := make([]byte, r.ContentLength)
		if _, err := io.ReadFull(r.Body, kept); err != nil {
			return err
		}
		job.Request.Body = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(kept)), nil }
	default:
		job.BodyOnce = true
		job.Request.Body = func() (io.ReadCloser, error) { return io.NopCloser(r.Body), nil }
	}
	job.Request.Length = r.ContentLength
	return nil
}
