package client

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Broken answers are the network's, told in one short line, and cost no second
// request.
func TestBrokenAnswers(t *testing.T) {
	t.Parallel()
	huge := strings.Repeat("x", 2<<20)
	tests := []struct{ name, answer, want string }{
		{"none", "", "the connection was closed without an answer"},
		{"half a head", "HTTP/1.1 200 OK\r\nX: y\r\n", "the answer ended early"},
		{"half a header", "HTTP/1.1 200 OK\r\nContent-", "the answer is malformed: malformed MIME header"},
		{"short body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "the answer ended early"},
		{"short chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf", "the answer ended early"},
		{"no last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "the answer ended early"},
		{"bad chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n", "the answer is malformed: invalid byte in chunk length"},
		{"endless chunk line", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;" + huge, "the answer is malformed: header line too long"},
		{"HTTP/0.9", "<html>hello</html>\n", `the answer is malformed: malformed HTTP response "<html>hello</html>"`},
		{"garbage", "\x16\x03\x01\x00\x02\x02\x28\r\n", `the answer is malformed: malformed HTTP response "\x16\x03\x01\x00\x02\x02("`},
		{"much garbage", huge[:1<<17] + "\r\n", `the answer is malformed: malformed HTTP response "xxx`},
		{"bad status", "HTTP/1.1 abc OK\r\n\r\n", `the answer is malformed: malformed HTTP status code "abc"`},
		{"bad version", "HTTP/x.1 200 OK\r\n\r\n", `the answer is malformed: malformed HTTP version "HTTP/x.1"`},
		{"bad header", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "the answer is malformed: malformed MIME header"},
		{"bad length", "HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\nhalf", `the answer is malformed: "Content-Length: -4"`},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nhalf", "Content-Length"},
		{"long header", "HTTP/1.1 200 OK\r\nX: " + huge + "\r\n\r\n", "the head of the answer is over 300 KiB"},
		{"many headers", "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 400_000) + "\r\n", "the head of the answer is over 300 KiB"},
		{"endless informational answers", strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 100_000), "the head of the answer is over 300 KiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, raw(tt.answer))
			err := wholeGet(t.Context(), s.client(t), "http://example.com/")
			if e := asError(t, err); e.Class != Network || e.Status != 0 || e.Unsent() || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v %q, want %q", e.Class, err, tt.want)
			}
			if s.n.Load() != 1 {
				t.Errorf("%d connections", s.n.Load())
			}
		})
	}
}

// A head without end is given up at its limit, whatever the server would go on to
// send.
func TestEndlessHead(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"http://example.com/", "https://example.com/"} {
		var sent atomic.Int64
		s := serve(t, func(_ testing.TB, conn net.Conn) {
			readRequest(bufio.NewReader(conn))
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nX: ")
			for chunk := bytes.Repeat([]byte("x"), 64<<10); ; {
				n, err := conn.Write(chunk)
				if sent.Add(int64(n)); err != nil || sent.Load() > 1<<30 {
					return
				}
			}
		})
		if err := wholeGet(t.Context(), s.client(t), target); asError(t, err).Class != Network {
			t.Errorf("%s: %v", target, err)
		}
		if sent.Load() > 64<<20 {
			t.Errorf("%s: %d bytes were taken in", target, sent.Load())
		}
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"} {
		s := serve(t, func(_ testing.TB, conn net.Conn) {
			readRequest(bufio.NewReader(conn))
			io.WriteString(conn, answer)
			conn.(*net.TCPConn).SetLinger(0)
			conn.Close()
		})
		err := wholeGet(t.Context(), s.client(t), "http://example.com/")
		if e := asError(t, err); e.Class != Network || !strings.HasSuffix(err.Error(), "the connection was reset") {
			t.Errorf("after %q: %v", answer, err)
		}
	}
}

// What the service says of itself stays the service's error however it breaks off.
func TestBrokenRefusal(t *testing.T) {
	t.Parallel()
	for _, framing := range []string{"Content-Length: 99", "Transfer-Encoding: chunked", "Connection: close"} {
		s := serve(t, raw("HTTP/1.1 503 X\r\nX-Crawlera-Error: banned\r\n"+framing+"\r\n\r\nff\r\nBanned"))
		_, err := get(t, s.client(t), "http://example.com/")
		if e := asError(t, err); e.Class != Upstream || e.Code != "banned" || !e.Banned() {
			t.Errorf("%s: %v", framing, err)
		}
	}
}

func TestRefusalIsCapped(t *testing.T) {
	t.Parallel()
	s := serve(t, raw("HTTP/1.1 503 X\r\nX-Crawlera-Error: "+strings.Repeat("é", 5000)+"\r\n\r\n"+strings.Repeat("ß", 1<<20)))
	_, err := get(t, s.client(t), "http://example.com/")
	e := asError(t, err)
	if len(e.Body) != bodyLimit || len(e.Message) > messageLimit+4 || len(e.Code) > messageLimit+4 || len(err.Error()) > 1000 {
		t.Errorf("body %d, message %d, code %d, error %d bytes", len(e.Body), len(e.Message), len(e.Code), len(err.Error()))
	}
}

// capture serves one request and keeps its head as it was on the wire.
func capture(t *testing.T, answer string) (*service, func() []string) {
	heads := make(chan string, 1)
	s := serve(t, func(_ testing.TB, conn net.Conn) {
		r := bufio.NewReader(conn)
		var head strings.Builder
		for {
			line, err := r.ReadString('\n')
			if err != nil || line == "\r\n" {
				break
			}
			head.WriteString(line)
		}
		heads <- head.String()
		io.WriteString(conn, answer)
		hangUp(conn)
	})
	return s, func() []string { return strings.Split(strings.TrimSuffix(<-heads, "\r\n"), "\r\n") }
}

func TestRequestOnTheWire(t *testing.T) {
	t.Parallel()
	auth := "Proxy-Authorization: Basic " + basic(testKey, "")
	plain := []string{"GET http://example.com/ HTTP/1.1", "Host: example.com", "User-Agent: smp", "Accept: */*", auth}
	with := func(more ...string) []string { return append(slices.Clone(plain), more...) }
	tests := []struct {
		name string
		req  Request
		want []string
	}{
		{"defaults", Request{}, plain},
		{"a session", Request{Session: "42"}, with("X-Crawlera-Session: 42")},
		{"the session wins", Request{Session: "42", Header: http.Header{"x-crawlera-session": {"7"}}}, with("X-Crawlera-Session: 42")},
		{
			"the service's spelling",
			Request{Header: headers("x-crawlera-jobid: 9", "X-Crawlera-UA: pass", "x-crawlera-profile: pass")},
			with("X-Crawlera-JobId: 9", "X-Crawlera-UA: pass", "X-Crawlera-Profile: pass"),
		},
		{"the caller's spelling", Request{Header: http.Header{"x-lower": {"a", "b"}, "X_under": {""}}}, with("x-lower: a", "x-lower: b", "X_under: ")},
		{
			"the caller's credentials are the target's",
			Request{Header: headers("Authorization: Basic dTpw", "Proxy-Authorization: Basic eDp5")},
			with("Authorization: Basic dTpw"),
		},
		{"any spelling of the proxy's", Request{Header: http.Header{"proxy-AUTHORIZATION": {"Basic eDp5"}}}, plain},
		{
			"defaults removed",
			Request{Compressed: true, Header: http.Header{"user-agent": nil, "Accept": nil, "accept-encoding": nil}},
			[]string{plain[0], plain[1], auth},
		},
		{
			"defaults replaced",
			Request{Compressed: true, Header: http.Header{"user-agent": {"me"}, "accept": {"a/b, c/d"}, "Host": {"other.example"}}},
			[]string{"GET http://example.com/ HTTP/1.1", "Host: other.example", "User-Agent: me", "Accept: a/b, c/d", "Accept-Encoding: gzip, deflate", auth},
		},
		{"compressed", Request{Compressed: true}, with("Accept-Encoding: gzip, deflate")},
		{"a method", Request{Method: "PROPFIND"}, append([]string{"PROPFIND http://example.com/ HTTP/1.1"}, plain[1:]...)},
		{
			"a small body",
			Request{Method: "POST", Body: bytesBody([]byte("abc")), Length: 3},
			append([]string{"POST http://example.com/ HTTP/1.1", "Content-Length: 3"}, plain[1:]...),
		},
		{
			"an empty body",
			Request{Method: "POST", Body: bytesBody(nil)},
			append([]string{"POST http://example.com/ HTTP/1.1", "Content-Length: 0"}, plain[1:]...),
		},
		{
			"a large body",
			Request{Method: "PUT", Body: bytesBody(make([]byte, 1<<20+1)), Length: 1<<20 + 1},
			append([]string{"PUT http://example.com/ HTTP/1.1", "Content-Length: 1048577", "Expect: 100-continue"}, plain[1:]...),
		},
		{
			"a body of unknown size",
			Request{Method: "POST", Body: bytesBody(nil), Length: -1},
			append([]string{"POST http://example.com/ HTTP/1.1", "Transfer-Encoding: chunked", "Expect: 100-continue"}, plain[1:]...),
		},
		{
			"Expect removed",
			Request{Method: "POST", Body: bytesBody(nil), Length: -1, Header: http.Header{"expect": nil}},
			append([]string{"POST http://example.com/ HTTP/1.1", "Transfer-Encoding: chunked"}, plain[1:]...),
		},
		{
			"a query as it is",
			Request{URL: mustURL("http://u:p@example.com/a%2fb/../c?x={y}&z#frag"), Header: http.Header{"Authorization": nil}},
			append([]string{"GET http://example.com/a%2fb/../c?x={y}&z HTTP/1.1"}, plain[1:]...),
		},
		{"a query with a space", Request{URL: mustURL("http://example.com?a b")}, append([]string{"GET http://example.com/?a%20b HTTP/1.1"}, plain[1:]...)},
		{
			"another Host",
			Request{URL: mustURL("http://bücher.example:81?a"), Header: http.Header{"host": {"example.com"}}},
			append([]string{"GET http://xn--bcher-kva.example:81/?a HTTP/1.1"}, plain[1:]...),
		},
		{
			"a port that goes without saying",
			Request{URL: mustURL("http://example.com:80/")},
			append([]string{"GET http://example.com/ HTTP/1.1"}, plain[1:]...),
		},
		{"the URL's user", Request{URL: mustURL("http://u:p@example.com/")}, with("Authorization: Basic dTpw")},
		{
			"an international name",
			Request{URL: mustURL("http://bücher.example/")},
			append([]string{"GET http://xn--bcher-kva.example/ HTTP/1.1", "Host: xn--bcher-kva.example"}, plain[2:]...),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, lines := capture(t, ok(""))
			if tt.req.URL == nil {
				tt.req.URL = mustURL("http://example.com/")
			}
			if _, err := do(t, s.client(t), &tt.req); err != nil {
				t.Fatal(err)
			}
			got := lines()
			if got[0] != tt.want[0] {
				t.Errorf("%q, want %q", got[0], tt.want[0])
			}
			slices.Sort(got)
			want := slices.Sorted(slices.Values(tt.want))
			if !slices.Equal(got, want) {
				t.Errorf("\n got %q\nwant %q", got, want)
			}
		})
	}
}

func TestNoKeySendsNoCredentials(t *testing.T) {
	t.Parallel()
	s, lines := capture(t, ok(""))
	if _, err := get(t, s.client(t, func(c *Config) { c.Key = "" }), "http://example.com/"); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(lines(), "\n"); strings.Contains(got, "Authorization") {
		t.Errorf("%s", got)
	}
}

func TestRefusesBadRequests(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	s := serve(t, answering(&n, ok("")))
	for name, header := range map[string]http.Header{
		"line break": {"X": {"a\r\nX-Crawlera-Session: 1"}},
		"NUL":        {"X": {"a\x00b"}},
		"name":       {"X Y": {"a"}},
		"no name":    {"": {"a"}},
		"colon":      {"X:Y": {"SECRET"}},
	} {
		_, err := get(t, s.client(t), "http://example.com/", func(r *Request) { r.Header = header })
		if e := asError(t, err); e.Class != Hopeless || !e.Unsent() || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := get(t, s.client(t), "http://example.com/", func(r *Request) { r.Method = "GET /x HTTP/1.1\r\nX: y\r\n\r\nGET" })
	if e := asError(t, err); e.Class != Hopeless || !e.Unsent() {
		t.Errorf("a method: %v", err)
	}
	for _, target := range []string{"ftp://example.com/", "//example.com/", "http:///x", "mailto:a@b"} {
		_, err := get(t, s.client(t), target)
		if e := asError(t, err); e.Class != Hopeless || !e.Unsent() {
			t.Errorf("%s: %v", target, err)
		}
	}
	if n.Load() != 0 {
		t.Errorf("%d requests were sent", n.Load())
	}
}

func TestResponse(t *testing.T) {
	t.Parallel()
	s := serve(t, raw("HTTP/1.1 418 I'm a teapot\r\nX-Crawlera-Debug-UA: Mozilla\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"+
		"X-Crawlera-Slave: 196.16.27.20:8800\r\nX-Crawlera-Session: ../../etc\r\nX-Crawlera-Next-Request-In: 130\r\nX-Crawlera-Version: \r\n"+
		"Retry-After: 5\r\nContent-Length: 3\r\n\r\ntea"))
	r, err := get(t, s.client(t), "http://example.com/")
	if err != nil {
		t.Fatal(err)
	}
	if r.Proto != "HTTP/1.1" || r.Status != 418 || r.Reason != "I'm a teapot" || r.Length != 3 || text(t, r) != "tea" {
		t.Errorf("%+v", r)
	}
	//lint:ignore SA1008 the service writes it so, and header names keep their case
	if got := r.Header["X-Crawlera-Debug-UA"]; !slices.Equal(got, []string{"Mozilla"}) || len(r.Header["Set-Cookie"]) != 2 {
		t.Errorf("%v", r.Header)
	}
	want := ServiceHeaders{IP: "196.16.27.20", NextRequestIn: 130 * time.Second, Dialect: DialectSPM}
	if r.Service != want {
		t.Errorf("%+v, want %+v", r.Service, want)
	}
}

// A proxy that only repeats our header has made no session.
func TestCreateEchoed(t *testing.T) {
	t.Parallel()
	s := serve(t, raw("HTTP/1.1 200 OK\r\nX-Crawlera-Session: create\r\nContent-Length: 0\r\n\r\n"))
	r, err := get(t, s.client(t), "http://example.com/", func(r *Request) { r.Session = "create" })
	if err != nil || r.Service.Session != "" {
		t.Errorf("%+v %v", r, err)
	}
}

// Redirects are data, also where net/http cannot parse them.
func TestRedirectsAreHandedOn(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, location := range []string{"http://example.org/", "/relative", "http://[bad", "::", ""} {
			var n atomic.Int32
			s := serve(t, answering(&n, fmt.Sprintf("HTTP/1.1 %d X\r\nLocation: %s\r\nContent-Length: 4\r\n\r\nmove", status, location)))
			r, err := get(t, s.client(t), "http://example.com/", func(r *Request) {
				r.Method, r.Body, r.Length = "POST", bytesBody([]byte("x")), 1
			})
			if err != nil {
				t.Errorf("%d %q: %v", status, location, err)
				continue
			}
			if r.Status != status || r.Header.Get("Location") != location || text(t, r) != "move" || n.Load() != 1 {
				t.Errorf("%d %q: %+v, %d requests", status, location, r, n.Load())
			}
		}
	}
}

func TestBodilessAnswers(t *testing.T) {
	t.Parallel()
	for method, answer := range map[string]string{
		"HEAD": "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\nContent-Encoding: gzip\r\n\r\n",
		"GET":  "HTTP/1.1 304 Not Modified\r\nContent-Length: 1000000\r\n\r\n",
		"PUT":  "HTTP/1.1 204 No Content\r\n\r\n",
	} {
		var n atomic.Int32
		s := serve(t, answering(&n, answer))
		target := mustURL("http://example.com/")
		conn, err := s.client(t).Dial(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for range 2 {
			r, err := conn.Do(t.Context(), &Request{Method: method, URL: target, Compressed: true})
			if err != nil || text(t, r) != "" || !conn.Serves(target) {
				t.Errorf("%s: %v", method, err)
			}
		}
	}
}

// The head is handed on while the body is still to come, and OnFirstByte with it.
func TestStreams(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := pipes(t, Config{}, func(conn net.Conn) {
			r := bufio.NewReader(conn)
			readRequest(r)
			time.Sleep(12 * time.Second)
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf")
			time.Sleep(time.Minute)
			io.WriteString(conn, "half")
			io.Copy(io.Discard, r)
		})
		start := time.Now()
		var first []time.Duration
		r, err := get(t, c, "http://example.com/", func(r *Request) {
			r.OnFirstByte = func() { first = append(first, time.Since(start)) }
		})
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 12*time.Second || len(first) != 1 || first[0] != took {
			t.Errorf("head after %v, first byte after %v", took, first)
		}
		if text(t, r) != "halfhalf" || time.Since(start) != 72*time.Second {
			t.Errorf("body after %v", time.Since(start))
		}
	})
}

// Without an answer there is no first byte.
func TestNoFirstByteWithoutAnswer(t *testing.T) {
	t.Parallel()
	s := serve(t, raw("HTTP/1.1 2"))
	_, err := get(t, s.client(t), "http://example.com/", func(r *Request) {
		r.OnFirstByte = func() { t.Error("first byte") }
	})
	if err == nil {
		t.Error("no error")
	}
}

// zeros is a body that is never in memory as a whole.
type zeros struct{ left int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), z.left))
	clear(p[:n])
	z.left -= int64(n)
	return n, nil
}

func TestUploadStreams(t *testing.T) {
	const size = 100 << 20
	for _, length := range []int64{size, -1} {
		var got atomic.Int64
		s := serve(t, func(_ testing.TB, conn net.Conn) {
			req, err := http.ReadRequest(bufio.NewReader(conn))
			if err != nil {
				return
			}
			io.WriteString(conn, "HTTP/1.1 100 Continue\r\n\r\n")
			n, _ := io.CopyBuffer(struct{ io.Writer }{io.Discard}, req.Body, make([]byte, 64<<10))
			got.Store(n)
			io.WriteString(conn, ok("thanks"))
			hangUp(conn)
		})
		c := s.client(t)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err := get(t, c, "http://example.com/", func(r *Request) {
			r.Method, r.Length = "POST", length
			r.Body = func() (io.ReadCloser, error) { return io.NopCloser(&zeros{left: size}), nil }
		})
		if err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if text(t, r) != "thanks" || got.Load() != size {
			t.Errorf("length %d: %d bytes arrived", length, got.Load())
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
			t.Errorf("length %d: %d bytes allocated", length, used)
		}
	}
}

// A file is copied by the system where it can be: its content is not read here.
func TestUploadOfAFile(t *testing.T) {
	t.Parallel()
	want := bytes.Repeat([]byte("a line of a file\n"), 2<<20/17)
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, want, 0o600); err != nil {
		t.Fatal(err)
	}
	var got []byte
	s := serve(t, func(_ testing.TB, conn net.Conn) {
		req, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		io.WriteString(conn, "HTTP/1.1 100 Continue\r\n\r\n")
		got, _ = io.ReadAll(req.Body)
		io.WriteString(conn, ok("thanks"))
		hangUp(conn)
	})
	var read atomic.Int64
	r, err := get(t, s.client(t), "http://example.com/", func(r *Request) {
		r.Method, r.Length = "PUT", int64(len(want))
		r.Body = func() (io.ReadCloser, error) {
			file, err := os.Open(name)
			return &watchedFile{file, &read}, err
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if text(t, r) != "thanks" || !bytes.Equal(got, want) {
		t.Errorf("%d bytes arrived of %d", len(got), len(want))
	}
	if runtime.GOOS == "linux" && read.Load() > 64<<10 {
		t.Errorf("%d bytes were read", read.Load())
	}
}

// watchedFile counts what is read of it by Read.
type watchedFile struct {
	*os.File
	n *atomic.Int64
}

func (f *watchedFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	f.n.Add(int64(n))
	return n, err
}

// An early refusal of a large upload is heard, because the body waits for leave.
func TestEarlyRefusalOfUpload(t *testing.T) {
	t.Parallel()
	for range 20 {
		s := serve(t, func(_ testing.TB, conn net.Conn) {
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				io.WriteString(conn, "HTTP/1.1 400 X\r\nX-Crawlera-Error: bad_session_id\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
			}
			conn.Close()
		})
		var read atomic.Int64
		_, err := get(t, s.client(t), "http://example.com/", func(r *Request) {
			r.Method, r.Length = "POST", 100<<20
			r.Body = func() (io.ReadCloser, error) {
				return io.NopCloser(io.TeeReader(&zeros{left: 100 << 20}, counter{&read})), nil
			}
		})
		if e := asError(t, err); e.Code != "bad_session_id" || read.Load() != 0 {
			t.Fatalf("%v; %d bytes read", err, read.Load())
		}
	}
}

type counter struct{ n *atomic.Int64 }

func (c counter) Write(p []byte) (int, error) { c.n.Add(int64(len(p))); return len(p), nil }

// A server that does not know 100 (Continue) gets the body all the same.
func TestUploadWithoutLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := pipes(t, Config{}, func(conn net.Conn) {
			r := bufio.NewReader(conn)
			_, body := readRequest(r)
			io.WriteString(conn, ok(fmt.Sprint(len(body))))
			io.Copy(io.Discard, r)
		})
		start := time.Now()
		r, err := get(t, c, "http://example.com/", func(r *Request) {
			r.Method, r.Length, r.Body = "POST", 2<<20, bytesBody(make([]byte, 2<<20))
		})
		if err != nil {
			t.Fatal(err)
		}
		if text(t, r) != "2097152" || time.Since(start) != continueWait {
			t.Errorf("after %v", time.Since(start))
		}
	})
}

func TestBrokenBodyOfTheCallers(t *testing.T) {
	t.Parallel()
	s := serve(t, func(_ testing.TB, conn net.Conn) { io.Copy(io.Discard, conn) })
	bad := errors.New("disk on fire")
	_, err := get(t, s.client(t), "http://example.com/", func(r *Request) {
		r.Method, r.Length = "POST", 100
		r.Body = func() (io.ReadCloser, error) { return io.NopCloser(errReader{bad}), nil }
	})
	if e := asError(t, err); e.Class != Unforeseen || !errors.Is(err, bad) || e.Unsent() {
		t.Errorf("%v", err)
	}
	_, err = get(t, s.client(t), "http://example.com/", func(r *Request) {
		r.Body = func() (io.ReadCloser, error) { return nil, bad }
	})
	if e := asError(t, err); e.Class != Unforeseen || !errors.Is(err, bad) || !e.Unsent() {
		t.Errorf("%v", err)
	}
}

// The body is closed, whatever became of the request.
func TestBodyIsClosed(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{ok("x"), "garbage\r\n", "HTTP/1.1 407 X\r\n\r\n"} {
		s := serve(t, raw(answer))
		closed := make(chan struct{})
		r, err := get(t, s.client(t), "http://example.com/", func(r *Request) {
			r.Method, r.Length = "POST", 3
			r.Body = func() (io.ReadCloser, error) {
				return closing{strings.NewReader("abc"), closed}, nil
			}
		})
		if err == nil {
			r.Body.Close()
		}
		<-closed
	}
}

type closing struct {
	io.Reader
	closed chan struct{}
}

func (c closing) Close() error {
	select {
	case <-c.closed:
	default:
		close(c.closed)
	}
	return nil
}

func TestErrorNamesNoCredentialsOfTheTarget(t *testing.T) {
	t.Parallel()
	s := serve(t, raw(""))
	u, _ := url.Parse("http://user:hunter2@example.com/path#fragment")
	_, err := do(t, s.client(t), &Request{URL: u})
	if e := asError(t, err); e.Op != "GET http://example.com/path" {
		t.Errorf("%v", err)
	}
}

// Clients are shared; each connection is its goroutine's own.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	s := serve(t, answering(&n, ok("1836172")))
	c := s.client(t, func(cfg *Config) { cfg.Trace = func(string) {} })
	const many = 20
	errs := make(chan error, many)
	for range many {
		go func() {
			err := wholeGet(context.Background(), c, "http://example.com/")
			if err == nil {
				_, err = c.CreateSession(context.Background())
			}
			errs <- err
		}()
	}
	for range many {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if n.Load() != 2*many {
		t.Errorf("%d requests, want %d", n.Load(), 2*many)
	}
}
