package mock

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"
)

// BenchmarkRequests is kept-alive 1 KB requests through the port, client
// included. The client is written by hand, to be as cheap as a real one in C.
func BenchmarkRequests(b *testing.B) {
	kilobyte := make([]byte, 1024)
	origin := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(kilobyte) })
	for _, kind := range []string{"http", "http session", "https", "httpbin"} {
		b.Run(kind, func(b *testing.B) {
			cfg := Config{Origin: origin, Delay: -1}
			target := "http://example.com/"
			if kind == "httpbin" {
				cfg.Origin, target = nil, "http://example.com/bytes/1024"
			}
			w := onLoopback(b, cfg)
			request := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: example.com\r\nProxy-Authorization: %s\r\n", target, basicAuth("test"))
			if kind == "http session" {
				request += inSession(w.newSession()) + "\r\n"
			}
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				c := w.open()
				if kind == "https" {
					c = tls.Client(w.connect("example.com:443"), w.trusting("example.com"))
				}
				defer c.Close()
				r := bufio.NewReader(c)
				for pb.Next() {
					if err := once(c, r, request+"\r\n"); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
		})
	}
}

func once(c io.Writer, r *bufio.Reader, request string) error {
	if _, err := io.WriteString(c, request); err != nil {
		return err
	}
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// BenchmarkFirstAnswer is from nothing to the first answer.
func BenchmarkFirstAnswer(b *testing.B) {
	for b.Loop() {
		w := onLoopback(b, Config{})
		if r := w.get("https://example.com/get"); r.err != nil {
			b.Fatal(r.err)
		}
		_ = w.mock.Close()
	}
}

// BenchmarkHeld is the memory of requests that are held, with the client's
// side of the sockets, which has no buffers.
func BenchmarkHeld(b *testing.B) {
	const many = 2000
	for _, kind := range []string{"http", "https"} {
		b.Run(kind, func(b *testing.B) {
			for b.Loop() {
				w := onLoopback(b, Config{Delay: time.Hour, MaxDelay: -1})
				request := fmt.Sprintf("GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\nProxy-Authorization: %s\r\n%s\r\n\r\n",
					basicAuth("test"), inSession(w.newSession()))
				before := memory()
				conns := make([]net.Conn, many)
				var opening sync.WaitGroup
				for i := range many {
					if i%100 == 0 {
						opening.Wait()
					}
					opening.Go(func() {
						c := w.open()
						if kind == "https" {
							c = tls.Client(w.connect("example.com:443"), w.trusting("example.com"))
						}
						_, _ = io.WriteString(c, request)
						conns[i] = c
					})
				}
				opening.Wait()
				for w.mock.State().Held < many-1 {
					runtime.Gosched()
				}
				b.ReportMetric(float64(memory()-before)/many/1024, "KiB/request")
				for _, c := range conns {
					_ = c.Close()
				}
				_ = w.mock.Close()
			}
		})
	}
}

func memory() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

func (w *world) trusting(name string) *tls.Config {
	c := w.trust()
	c.ServerName = name
	return c
}
