package relay

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"smp/client/mock"
	"smp/client/paced"
)

// However many requests wait with their bodies, these take bounded memory. A body that
// is too much waits at its client, and is sent all the same.
func TestBodiesOfWaitingRequestsAreBounded(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		w := newWorld(t, mock.Config{}, nil)
		w.relay.bodies.most = 2 * smallBody
		id := w.session()
		w.get(scheme+"://shop.test/get", headerSession, id) // so that all others wait
		body := strings.Repeat("x", smallBody)
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				r, err := w.do(w.client, "POST", scheme+"://shop.test/anything", body, headerSession, id, "Content-Type", "text/plain")
				if err != nil || r.StatusCode != 200 || strings.Count(r.text, "x") < smallBody {
					t.Errorf("%v: %+v", err, r)
				}
			})
		}
		synctest.Wait()
		if taken := w.relay.bodies.taken.Load(); taken != 2*smallBody {
			t.Errorf("%d bytes are kept of five bodies of %d", taken, smallBody)
		}
		all.Wait()
		synctest.Wait()
		if taken := w.relay.bodies.taken.Load(); taken != 0 {
			t.Errorf("%d bytes are kept at the end", taken)
		}
		w.inTime()
	})
}

// closedAfter is a request's body that the server closes once all of it was read.
type closedAfter struct{ rest io.Reader }

func (c *closedAfter) Read(p []byte) (int, error) {
	n, err := c.rest.Read(p)
	if err == io.EOF {
		err = http.ErrBodyReadAfterClose
	}
	return n, err
}

func (c *closedAfter) Close() error { return nil }

// An answer may come as soon as the last byte of a body has left.
func TestABodyEndsWithItsLastByte(t *testing.T) {
	t.Parallel()
	const body = "all of it"
	for _, kept := range []bool{false, true} {
		job := &paced.Job{}
		r := &http.Request{ContentLength: int64(len(body)), Body: &closedAfter{strings.NewReader(body)}}
		if err := setBody(job, r, kept); err != nil {
			t.Fatal(err)
		}
		content, err := job.Request.Body()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(content); string(got) != body || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
}
