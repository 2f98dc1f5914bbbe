package mock

import (
	"io"
	"strings"
	"testing"
)

// An early refusal of a large upload reaches the client, which is still
// sending and has to read it all the same.
func TestARefusalOutlivesTheUpload(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: hello})
	for _, target := range []string{"http://example.com/", "https://example.com/"} {
		body := io.LimitReader(zeros{}, 20<<20)
		r := w.do(t.Context(), w.request("POST", target, body, inSession("1")))
		if r.err != nil || r.code() != "bad_session_id" {
			t.Errorf("%s: %v %v", target, r.err, r.Response)
		}
	}
}

func TestHeaderLimit(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: hello})
	under, over := strings.Repeat("x", maxHeader-1000), strings.Repeat("x", maxHeader)
	for _, target := range []string{"http://example.com/", "https://example.com/"} {
		if r := w.get(target, "X-Large: "+under); r.StatusCode != 200 {
			t.Errorf("%s, under the limit: %v", target, r.Status)
		}
		if r := w.get(target, "X-Large: "+over); r.StatusCode != 413 || r.Header.Get("X-Crawlera-Version") == "" {
			t.Errorf("%s, over the limit: %v", target, r.Status)
		}
	}
	huge := strings.Repeat("X-Large: "+over+"\r\n", 30)
	heads := []string{"GET http://example.com/ HTTP/1.1\r\nHost: x\r\n", "CONNECT example.com:443 HTTP/1.1\r\n", "GET /sessions HTTP/1.1\r\nHost: x\r\n"}
	for _, head := range heads {
		if got := w.raw(head + huge + "\r\n"); !strings.HasPrefix(got, "HTTP/1.1 413 ") {
			t.Errorf("%s: %.80q", head, got)
		}
		// A head need not end to be too large: it takes memory before there is a key.
		if got := readAll(t, w, false, head+huge); !strings.HasPrefix(got, "HTTP/1.1 413 ") {
			t.Errorf("%s without an end: %.80q", head, got)
		}
	}
}
