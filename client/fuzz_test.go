package client

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzAnswer answers everything with the same bytes. Whatever they are, each call
// ends, in an answer or in one short line that holds no key.
func FuzzAnswer(f *testing.F) {
	files, err := filepath.Glob("../testdata/wire/*.http")
	if err != nil || len(files) == 0 {
		f.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		for _, a := range readTranscript(f, file) {
			for _, x := range a.exchanges {
				f.Add([]byte(x.text("GET")))
			}
		}
	}
	for _, s := range []string{
		"", "HTTP/1.1 200\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nx",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX: y\r\n\r\n", "HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 407 X\r\n\r\n", testKey, basic(testKey, ""),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		c := pipes(t, Config{}, func(conn net.Conn) {
			go io.Copy(io.Discard, conn)
			conn.Write(answer)
		})
		session, err := c.CreateSession(t.Context())
		if err == nil && !ValidSessionID(session.ID) {
			t.Errorf("session %q", session.ID)
		}
		_, errList := c.ListSessions(t.Context())
		for _, err := range []error{
			err, errList, c.DeleteSession(t.Context(), "7"),
			wholeGet(t.Context(), c, "http://example.com/"), wholeGet(t.Context(), c, "https://example.com/"),
		} {
			if err == nil {
				continue
			}
			if e := asError(t, err); strings.Contains(string(e.Body), testKey) {
				t.Errorf("the body tells the key: %q", e.Body)
			}
		}
	})
}

// FuzzService reads a head as it may come from anywhere: what is believed of it
// is what it should be.
func FuzzService(f *testing.F) {
	files, err := filepath.Glob("../testdata/wire/*.http")
	if err != nil || len(files) == 0 {
		f.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		for _, a := range readTranscript(f, file) {
			for _, x := range a.exchanges {
				header, _ := split(x.answer)
				f.Add(strings.Join(header, "\r\n"))
			}
		}
	}
	f.Add("X-Crawlera-Session: ../x\r\nX-Crawlera-Slave: \x1b[2J:1\r\nX-Crawlera-Next-Request-In: -1\r\nRetry-After: 1e999")
	f.Add("X-Crawlera-Session: create\r\nX-Crawlera-Slave: [::1]:80\r\nRetry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\nDate: Mon, 01 Jan 0001 00:00:00 GMT")
	f.Add("X-Crawlera-Slave: [:")
	f.Fuzz(func(t *testing.T, head string) {
		header, err := textproto.NewReader(bufio.NewReader(strings.NewReader(head + "\r\n\r\n"))).ReadMIMEHeader()
		if err != nil {
			return
		}
		resp := &http.Response{StatusCode: 503, Header: http.Header(header), Body: http.NoBody, Request: &http.Request{Method: "GET"}}
		s := parseService(resp)
		if s.Session != "" && (!ValidSessionID(s.Session) || s.Session == "create") || hostPart(s.IP) != s.IP {
			t.Errorf("%q: session %q, IP %q", head, s.Session, s.IP)
		}
		if s.NextRequestIn < 0 || s.NextRequestIn > maxDelay || s.RetryAfter < 0 || s.RetryAfter > maxDelay {
			t.Errorf("%q: next request in %s, retry after %s", head, s.NextRequestIn, s.RetryAfter)
		}
		e := (&Client{cfg: Config{Service: SPM}, secrets: newSecrets(testKey)}).refused(t.Context(), "GET http://h/", resp, classOfProxy)
		if e.Service.RetryAfter < 0 || e.Service.RetryAfter > maxDelay || len(e.Error()) > 2000 {
			t.Errorf("%q: %v", head, e)
		}
	})
}
