package mock

import (
	"fmt"
	"io"
	"net"
	"testing"
	"time"
)

// A request has arrived when the system had it, however late the mock reads it, in a
// tunnel too.
func TestARequestArrivesBeforeItIsRead(t *testing.T) {
	t.Parallel()
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	stampArrivals(ln)
	client, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	accepted, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	outer := s.wrap(accepted, nil, nil)
	defer outer.Close()
	awaitStamps(t, client, outer)
	for name, c := range map[string]*conn{"connection": outer, "tunnel": s.wrap(&servedConn{Conn: outer, conn: outer}, &address{}, nil)} {
		if _, err := io.WriteString(client, "GET"); err != nil {
			t.Fatal(err)
		}
		written := time.Now()
		const late = 200 * time.Millisecond
		<-time.After(late)
		var p [10]byte
		if n, err := c.Read(p[:]); err != nil || string(p[:n]) != "GET" {
			t.Fatalf("%s: read %q, %v", name, p[:n], err)
		}
		if at := c.lastArrival(); at.After(written.Add(late / 2)) {
			t.Errorf("%s: arrived %v after it was written", name, at.Sub(written))
		}
	}
}

// awaitStamps waits until the system stamps what arrives: it begins some time after it
// is told to.
func awaitStamps(t *testing.T, client io.Writer, c *conn) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		if _, err := fmt.Fprint(client, "x"); err != nil {
			t.Fatal(err)
		}
		var p [1]byte
		if _, ago, err := c.arrivals.read(p[:]); err != nil {
			t.Fatal(err)
		} else if ago > 0 {
			return
		}
	}
	t.Fatal("the system stamps nothing")
}
