package mock

import (
	"crypto/tls"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// A client whose tunnel takes its time counts from when it began with it.
func TestTheFirstRequestInATunnelCountsFromItsBegin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Origin: hello})
		id := w.newSession()
		raw := w.connect("example.com:443")
		time.Sleep(2 * time.Second) // a slow handshake
		config := w.trust()
		config.ServerName = "example.com"
		c := tls.Client(raw, config)
		defer c.Close()
		ask := func() {
			t.Helper()
			if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: example.com\r\nX-Crawlera-Session: "+id+"\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			buf := make([]byte, 4096)
			if n, err := c.Read(buf); err != nil || string(buf[9:12]) != "200" {
				t.Fatalf("%q, %v", buf[:n], err)
			}
		}
		ask()
		time.Sleep(10 * time.Second) // 12 after the CONNECT
		ask()
		if v := w.mock.Verdict(); len(v.Violations) != 0 || v.Requests != 2 {
			t.Errorf("%+v", v)
		}
		time.Sleep(8 * time.Second) // 10 after the second arrived: that one had its tunnel
		ask()
		if v := w.mock.Verdict(); len(v.Violations) != 1 || v.Violations[0].EarlyS != 2 {
			t.Errorf("%+v", v)
		}
	})
}
