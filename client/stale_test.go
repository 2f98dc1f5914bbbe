package client

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"testing"
)

// endings are ways in which a peer gives up a kept connection as the next request
// comes.
var endings = map[string]struct {
	end   func(net.Conn)
	stale bool
}{
	"closed":                 {hangUp, true},
	"reset":                  {resets, true},
	"closed in a head":       {func(c net.Conn) { io.WriteString(c, "H"); hangUp(c) }, false},
	"a bad answer, then end": {func(c net.Conn) { io.WriteString(c, "SSH-2.0-x\r\n"); hangUp(c) }, false},
}

func resets(conn net.Conn) {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	conn.(*net.TCPConn).SetLinger(0)
	conn.Close()
}

func TestStaleConnection(t *testing.T) {
	t.Parallel()
	for name, ending := range endings {
		for _, target := range []string{"http://example.com/", "https://example.com/"} {
			t.Run(name+" "+target, func(t *testing.T) {
				t.Parallel()
				s := serve(t, func(t testing.TB, conn net.Conn) {
					if target == "https://example.com/" {
						conn = trusted().tunnel(t, conn)
					}
					r := bufio.NewReader(conn)
					readRequest(r)
					io.WriteString(conn, ok(""))
					if req, _ := readRequest(r); req != nil {
						ending.end(conn)
					}
				})
				conn, err := s.client(t).Dial(t.Context(), mustURL(target))
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				r, err := conn.Do(t.Context(), &Request{URL: mustURL(target)})
				if err != nil {
					t.Fatal(err)
				}
				text(t, r)
				_, err = conn.Do(t.Context(), &Request{URL: mustURL(target)})
				if e := asError(t, err); e.Class != Network || e.Stale() != ending.stale || e.Unsent() {
					t.Errorf("%v: class %v, stale %v, unsent %v", err, e.Class, e.Stale(), e.Unsent())
				}
				_, err = conn.Do(t.Context(), &Request{URL: mustURL(target)})
				if e := asError(t, err); !e.Stale() || !e.Unsent() {
					t.Errorf("on what was closed: %v: stale %v, unsent %v", err, e.Stale(), e.Unsent())
				}
			})
		}
	}
}

func TestFirstRequestIsNeverStale(t *testing.T) {
	t.Parallel()
	for name, ending := range endings {
		s := serve(t, func(_ testing.TB, conn net.Conn) {
			readRequest(bufio.NewReader(conn))
			ending.end(conn)
		})
		_, err := get(t, s.client(t), "http://example.com/")
		if asError(t, err).Stale() {
			t.Errorf("%s: %v is stale", name, err)
		}
	}
}
