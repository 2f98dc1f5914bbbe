package client

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
)

func compress(coding, s string) string {
	var b bytes.Buffer
	var w io.WriteCloser
	switch coding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "zlib":
		w = zlib.NewWriter(&b)
	case "flate":
		w, _ = flate.NewWriter(&b, flate.DefaultCompression)
	}
	io.WriteString(w, s)
	w.Close()
	return b.String()
}

func TestDecode(t *testing.T) {
	t.Parallel()
	const said = "hello, hello, hello"
	zipped := compress("gzip", said)
	compressed := func(r *Request) { r.Compressed = true }
	own := func(r *Request) { r.Header.Set("Accept-Encoding", "gzip") }
	tests := []struct {
		name, coding, extra, body string
		ask                       func(*Request)
		want                      string
	}{
		{"gzip", "gzip", "", zipped, compressed, said},
		{"gzip's old name", "X-GZIP", "", zipped, compressed, said},
		{"two members", "gzip", "", zipped + zipped, compressed, said + said},
		{"zlib", "deflate", "", compress("zlib", said), compressed, said},
		{"bare deflate", "deflate", "", compress("flate", said), compressed, said},
		{"twice", "deflate, gzip", "", compress("gzip", compress("zlib", said)), compressed, said},
		{"five times", "gzip, gzip,gzip,,identity, gzip, gzip", "", nested(5, said), compressed, said},
		{"identity", "identity", "", said, compressed, said},
		{"empty", "gzip", "", "", compressed, ""},
		{"not ours", "br", "", zipped, compressed, zipped},
		{"partly ours", "br, gzip", "", zipped, compressed, zipped},
		{"nobody asked", "gzip", "X-Crawlera-Version: 1\r\n", zipped, func(*Request) {}, zipped},
		{"the caller asked", "gzip", "", zipped, own, zipped},
		{"nobody asked Zyte", "gzip", "Zyte-Request-ID: 1\r\n", zipped, func(*Request) {}, said},
		{"the caller asked Zyte", "gzip", "Zyte-Request-ID: 1\r\n", zipped, own, zipped},
		{"the caller asked Zyte for none", "gzip", "Zyte-Request-ID: 1\r\n", zipped, func(r *Request) { r.Header["accept-encoding"] = nil }, said},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int32
			s := serve(t, answering(&n, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\n%sContent-Length: %d\r\n\r\n%s",
				tt.coding, tt.extra, len(tt.body), tt.body)))
			target := mustURL("http://example.com/")
			conn, err := s.client(t).Dial(t.Context(), target)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			for range 2 {
				req := &Request{URL: target, Header: headers()}
				tt.ask(req)
				r, err := conn.Do(t.Context(), req)
				if err != nil {
					t.Fatal(err)
				}
				if got := text(t, r); got != tt.want {
					t.Errorf("%q, want %q", got, tt.want)
				}
				if r.Header.Get("Content-Encoding") != tt.coding || tt.body != tt.want && r.Length != -1 {
					t.Errorf("length %d, header %v", r.Length, r.Header)
				}
				if !conn.Serves(target) {
					t.Error("the connection is spent")
				}
			}
		})
	}
}

func nested(times int, s string) string {
	for range times {
		s = compress("gzip", s)
	}
	return s
}

// Each coding costs memory and time before the first byte is there. The head says
// how many there are, and nothing is decoded where those are too many.
func TestTooManyCodings(t *testing.T) {
	t.Parallel()
	six := "Content-Encoding: gzip, deflate, gzip\r\nContent-Encoding: gzip,gzip,gzip\r\n"
	endless := strings.Repeat("Content-Encoding: "+strings.Repeat("gzip,", 1000)+"\r\n", 50)
	tests := []struct {
		name, head string
		compressed bool
	}{
		{"asked", six, true},
		{"unasked", six + "Zyte-Request-ID: 1\r\n", false},
		{"fifty thousand", endless, true},
	}
	for _, tt := range tests {
		s := serve(t, raw("HTTP/1.1 200 OK\r\nX-Crawlera-Session: 7\r\n"+tt.head+"\r\n"+nested(6, "hello")))
		_, err := get(t, s.client(t), "http://example.com/", func(r *Request) { r.Compressed = tt.compressed })
		e := asError(t, err)
		if e.Class != Network || !strings.Contains(err.Error(), "more than 5 content codings") {
			t.Errorf("%s: %v", tt.name, err)
		}
		if e.Service.Session != "7" {
			t.Errorf("%s: what the service said is lost: %+v", tt.name, e.Service)
		}
	}
}

func TestDecodeBroken(t *testing.T) {
	t.Parallel()
	zipped := compress("gzip", strings.Repeat("hello", 100))
	for name, body := range map[string]string{
		"not compressed":  "hello",
		"one byte":        "h",
		"cut":             zipped[:len(zipped)-12],
		"without its sum": zipped[:len(zipped)-1],
		"wrong sum":       zipped[:len(zipped)-8] + "01234567",
	} {
		s := serve(t, raw(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(body), body)))
		r, err := get(t, s.client(t), "http://example.com/", func(r *Request) { r.Compressed = true })
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_, err = io.Copy(io.Discard, r.Body)
		if e := asError(t, err); e.Class != Network {
			t.Errorf("%s: %v", name, err)
		}
	}
}
