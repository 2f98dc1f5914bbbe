package relay

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"smp/client/mock"
	"smp/client/paced"
)

// A client that leaves while its large body waits with it, in whatever buffers, gives its
// place back before its slot.
func TestWhoLeavesWithALargeBodyIsNoticed(t *testing.T) {
	t.Parallel()
	waits, ended := make(chan struct{}, 100), make(chan *Exchange, 2)
	w := newWorld(t, mock.Config{}, func(c *Config) {
		c.Job.Delay = func(string) time.Duration { return time.Hour }
		c.Finished = func(x *Exchange) { ended <- x }
		c.Fetcher.Notify = func(e paced.Event) {
			if _, ok := e.(paced.Waiting); ok {
				waits <- struct{}{}
			}
		}
	})
	id := w.session()
	w.get("http://shop.test/get", headerSession, id)
	<-ended
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = w.relay.Serve(l, nil) }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	part := strings.Repeat("x", 100<<10)
	if _, err := fmt.Fprintf(c, "POST http://shop.test/post HTTP/1.1\r\nHost: shop.test\r\n%s: %s\r\nContent-Length: %d\r\n\r\n%s", headerSession, id, 64<<20, part); err != nil {
		t.Fatal(err)
	}
	<-waits
	c.Close()
	select {
	case x := <-ended:
		if !x.Left || x.Err != nil || x.Result.Attempts != 0 {
			t.Errorf("%+v", x)
		}
	case <-time.After(10 * time.Second):
		t.Error("the request still waits for its slot")
	}
	if ready, _, err := w.ledger.Session(id); err != nil || time.Until(ready.ReadyAt) > time.Hour {
		t.Errorf("the next slot is in %v: the place was not given back (%v)", time.Until(ready.ReadyAt), err)
	}
	if n := len(w.targets()); n != 1 {
		t.Errorf("%d requests were sent", n)
	}
}
