package relay

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"smp/client/mock"
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
