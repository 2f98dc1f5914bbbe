package client

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"runtime"
	"testing"
)

// sized answers each request with size zeros, written in pieces of 1 MiB.
func sized(size int64) func(testing.TB, net.Conn) {
	return func(_ testing.TB, conn net.Conn) {
		piece := make([]byte, 1<<20)
		for r := bufio.NewReader(conn); ; {
			if req, _ := readRequest(r); req == nil {
				return
			}
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nX-Crawlera-Version: 1\r\nContent-Length: %d\r\n\r\n", size)
			for left := size; left > 0; left -= int64(len(piece)) {
				if _, err := conn.Write(piece[:min(left, int64(len(piece)))]); err != nil {
					return
				}
			}
		}
	}
}

// sink hides ReadFrom, so that the buffer of CopyBuffer is used.
type sink struct{ io.Writer }

func TestDownloadStreams(t *testing.T) {
	const size = 200 << 20
	s := serve(t, sized(size))
	r, err := get(t, s.client(t), "http://example.com/")
	if err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 256<<10)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if n, err := io.CopyBuffer(sink{io.Discard}, r.Body, buffer); n != size || err != nil {
		t.Fatalf("%d bytes, %v", n, err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 2<<20 {
		t.Errorf("%d bytes allocated", used)
	}
}

func BenchmarkFetch(b *testing.B) {
	for _, size := range []int64{1 << 10, 64 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := serve(b, sized(size))
			target := mustURL("http://example.com/")
			conn, err := s.client(b).Dial(b.Context(), target)
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
			buffer := make([]byte, 256<<10)
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				r, err := conn.Do(b.Context(), &Request{URL: target})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.CopyBuffer(sink{io.Discard}, r.Body, buffer); err != nil {
					b.Fatal(err)
				}
				r.Body.Close()
			}
		})
	}
}

// What a one-shot command pays: client, connection, exchange.
func BenchmarkOneShot(b *testing.B) {
	s := serve(b, sized(1<<10))
	b.ReportAllocs()
	for b.Loop() {
		if err := wholeGet(b.Context(), s.client(b), "http://example.com/"); err != nil {
			b.Fatal(err)
		}
	}
}
