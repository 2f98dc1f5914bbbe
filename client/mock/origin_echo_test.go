package mock

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// description is httpbin's description of a request.
type description struct {
	Method  string
	URL     string
	Data    string
	Form    map[string][]string
	Files   map[string][]string
	JSON    any
	Headers map[string][]string
}

func echoOf(t *testing.T, method, url, contentType, body string) description {
	t.Helper()
	r := targetRequest(t, method, url, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	w := answerTo(HTTPBin(), r)
	var got description
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%s %s: %d, %v: %.300q", method, url, w.Code, err, w.Body)
	}
	return got
}

func TestEcho(t *testing.T) {
	t.Parallel()
	binary := strings.Repeat("\xff\xfe?>~", 1000)
	long := strings.Repeat("a “quoted” <tag> \\ \x01\n€", 10_000)
	for name, tc := range map[string]struct {
		method, path, media, body string
		want                      description
	}{
		"text":                   {"POST", "/post", "text/plain", "hello", description{Data: "hello"}},
		"bytes that are text":    {"PUT", "/put", "application/octet-stream", "hello", description{Data: "hello"}},
		"no type":                {"PATCH", "/patch", "", "hello", description{Data: "hello"}},
		"bytes":                  {"POST", "/post", "image/png", binary, description{Data: "data:application/octet-stream;base64," + base64.StdEncoding.EncodeToString([]byte(binary))}},
		"a path below an echo":   {"POST", "/post/below", "text/plain", "hello", description{Data: "hello"}},
		"text over many pieces":  {"POST", "/a/path", "text/plain", long, description{Data: long}},
		"a piece that ends in €": {"POST", "/anything", "", strings.Repeat("x", streamChunk-1) + "€", description{Data: strings.Repeat("x", streamChunk-1) + "€"}},
		"an end in a character":  {"POST", "/anything", "", "x\xe2\x82", description{Data: "data:application/octet-stream;base64,eOKC"}},
		"JSON":                   {"POST", "/post", "application/json", ` {"a": [1, "b"]} `, description{Data: ` {"a": [1, "b"]} `, JSON: map[string]any{"a": []any{1.0, "b"}}}},
		"no JSON":                {"POST", "/post", "application/json", `{"a":`, description{Data: `{"a":`}},
		"a form":                 {"POST", "/post", "application/x-www-form-urlencoded", "a=1&a=2", description{Data: "a=1&a=2", Form: map[string][]string{"a": {"1", "2"}}}},
		"a file": {
			"POST", "/post", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n\"\r\n\r\nhello\r\n--b--\r\n",
			description{Data: "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n\"\r\n\r\nhello\r\n--b--\r\n", Files: map[string][]string{"f": {"hello"}}},
		},
		"no body":                      {"POST", "/post", "text/plain", "", description{}},
		"a query that looks like data": {"POST", `/anything?a="data":+""`, "", "body", description{Data: "body"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := echoOf(t, tc.method, "http://example.com"+strings.ReplaceAll(tc.path, `"`, "%22"), tc.media, tc.body)
			if got.Method != tc.method || !strings.HasPrefix(got.URL, "http://example.com/") {
				t.Errorf("%s %s", got.Method, got.URL)
			}
			got.Method, got.URL, got.Headers = "", "", nil
			if len(got.Form) == 0 {
				got.Form = nil
			}
			if len(got.Files) == 0 {
				got.Files = nil
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%.500s", diff)
			}
		})
	}
}

func TestEchoKeepsHTTPBinsRefusals(t *testing.T) {
	t.Parallel()
	if w := answer(t, HTTPBin(), "PUT", "http://example.com/post", "hello"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}

// A body of any size passes through in little memory. Others run beside a parallel
// test, and would be counted.
func TestEchoIsStreamed(t *testing.T) {
	const size = 100 << 20
	for _, path := range []string{"/put", "/dump/request"} {
		var before, after runtime.MemStats
		r := targetRequest(t, "PUT", "http://example.com"+path, io.LimitReader(zeros{}, size))
		w := &countingWriter{header: http.Header{}}
		runtime.ReadMemStats(&before)
		HTTPBin().ServeHTTP(w, r)
		runtime.ReadMemStats(&after)
		if echoed := path == "/put"; echoed != (w.n >= size) {
			t.Errorf("%s: %d bytes of %d", path, w.n, size)
		}
		if made := after.TotalAlloc - before.TotalAlloc; made > 16<<20 {
			t.Errorf("%s took %d MB", path, made>>20)
		}
	}
}

type countingWriter struct {
	header http.Header
	n      int64
}

func (w *countingWriter) Header() http.Header { return w.header }
func (w *countingWriter) WriteHeader(int)     {}
func (w *countingWriter) Write(p []byte) (int, error) {
	w.n += int64(len(p))
	return len(p), nil
}

func TestPiecesEndBetweenCharacters(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("a€😀\u00e9", 50_000)
	var whole bytes.Buffer
	err := eachPiece(strings.NewReader(text), func(piece []byte) error {
		if !isText(bytes.NewReader(piece)) {
			t.Fatalf("a piece of %d bytes ends in %q", len(piece), piece[len(piece)-4:])
		}
		whole.Write(piece)
		return nil
	})
	if err != nil || whole.String() != text {
		t.Errorf("%v, %d bytes of %d", err, whole.Len(), len(text))
	}
}
