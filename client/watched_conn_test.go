package client_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"smp/client"
	"smp/client/internal/servicetest"
	"smp/client/mock"
)

// slowConn takes its time before it sends what was written.
type slowConn struct {
	net.Conn
	slow *atomic.Bool
	late time.Duration
}

func (c slowConn) Write(p []byte) (int, error) {
	if c.slow.Load() {
		time.Sleep(c.late)
	}
	return c.Conn.Write(p)
}

// A request has left when its head was sent, and not when it was handed over. A
// machine that is busy may stop the process in between.
func TestARequestHasLeftWhenItsHeadIsSent(t *testing.T) {
	for name, tt := range map[string]struct {
		target string
		writes int // that may carry the last of the head
		change func(*client.Request)
	}{
		"http":        {"http://shop.test/get", 1, func(*client.Request) {}},
		"https":       {"https://shop.test/get", 1, func(*client.Request) {}},
		"a long head": {"https://shop.test/get", 2, func(r *client.Request) { r.Header = http.Header{"X-Long": {strings.Repeat("x", 2000)}} }},
		"a long body": {"http://shop.test/post", 2, func(r *client.Request) {
			r.Method, r.Length = "POST", 100<<10
			r.Body = func() (io.ReadCloser, error) {
				return io.NopCloser(strings.NewReader(strings.Repeat("x", 100<<10))), nil
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := servicetest.New(t, mock.Config{})
				const late = time.Second
				var slow atomic.Bool
				service.Connect(func(ctx context.Context, network, addr string) (net.Conn, error) {
					conn, err := service.Mock.DialContext(ctx, network, addr)
					return slowConn{conn, &slow, late}, err
				})
				target, err := url.Parse(tt.target)
				if err != nil {
					t.Fatal(err)
				}
				conn, err := service.Client.Dial(t.Context(), target)
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				req := client.Request{URL: target}
				tt.change(&req)
				var begun time.Time
				var left []time.Duration
				req.OnWrite = func() { begun = time.Now(); slow.Store(true) }
				req.OnFirstByte = func() { slow.Store(false) }
				req.OnWritten = func() { left = append(left, time.Since(begun)) }
				resp, err := conn.Do(t.Context(), &req)
				if err != nil {
					t.Fatal(err)
				}
				resp.Discard()
				synctest.Wait()
				if len(left) == 0 || left[0] < late || len(left) > tt.writes {
					t.Errorf("left after %v, want after %v and at most %d times", left, late, tt.writes)
				}
			})
		})
	}
}
