package client

import (
	"bufio"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// A body that nobody wants is read where that is cheap, so that its connection serves
// again, and given up where it stalls or goes on.
func TestDiscard(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, answer string
		serves       bool
		took         time.Duration
	}{
		{"short", ok("gone"), true, 0},
		{"none", "HTTP/1.1 204 No Content\r\n\r\n", true, 0},
		{"stalls", "HTTP/1.1 302 Go\r\nContent-Length: 9\r\n\r\nhalf", false, time.Second},
		{"long", ok(long(100_000)), false, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := pipes(t, Config{}, func(conn net.Conn) {
					readRequest(bufio.NewReader(conn))
					io.WriteString(conn, tt.answer)
					io.Copy(io.Discard, conn)
				})
				target := mustURL("http://example.com/")
				conn, err := c.Dial(t.Context(), target)
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				r, err := conn.Do(t.Context(), &Request{URL: target})
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				r.Discard()
				if took := time.Since(start); took != tt.took || conn.Serves(target) != tt.serves {
					t.Errorf("took %v, serves %v; want %v, %v", took, conn.Serves(target), tt.took, tt.serves)
				}
			})
		})
	}
}
