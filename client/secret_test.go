package client

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// lines collects what Trace is told.
type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) add(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, s)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.all, "\n")
}

// A service that says back all it was told tells the key to nobody through us.
func TestKeyIsNeverTold(t *testing.T) {
	t.Parallel()
	encoded := basic(testKey, "")
	everything := testKey + " " + encoded
	answers := map[string]string{
		"code":    "HTTP/1.1 503 X\r\nX-Crawlera-Error: " + everything + "\r\n\r\n",
		"body":    "HTTP/1.1 407 X\r\nContent-Length: 99\r\n\r\n" + everything,
		"problem": "HTTP/1.1 407 X\r\n\r\n{\"type\":\"" + everything + "\",\"title\":\"" + everything + "\"}",
		"header":  "HTTP/1.1 407 X\r\nX-Echo: " + everything + "\r\n\r\n",
		"reason":  "HTTP/1.1 407 " + everything + "\r\n\r\n",
		"garbage": everything + "\r\n\r\n",
		"length":  "HTTP/1.1 200 OK\r\nContent-Length: " + everything + "\r\n\r\n",
		"id":      "HTTP/1.1 404 X\r\n\r\n" + everything,
		"page":    "HTTP/1.1 200 OK\r\nX-Echo: " + everything + "\r\nContent-Length: 99\r\n\r\n<html>" + everything,
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, raw(answer))
			var trace lines
			c := s.client(t, func(cfg *Config) { cfg.Trace = trace.add })
			told := ""
			note := func(err error) { told += fmt.Sprintf("%v %+v\n", err, err) }
			note(wholeGet(t.Context(), c, "http://example.com/"))
			note(wholeGet(t.Context(), c, "https://example.com/"))
			note(errOf(c.CreateSession(t.Context())))
			note(errOf(c.ListSessions(t.Context())))
			note(c.DeleteSession(t.Context(), "7"))
			for _, err := range []error{wholeGet(t.Context(), c, "http://example.com/"), errOf(c.ListSessions(t.Context()))} {
				if err != nil {
					told += fmt.Sprintf("%#v %s", *asError(t, err), asError(t, err).Body)
				}
			}
			told += trace.String()
			if strings.Contains(told, testKey) || strings.Contains(told, encoded) {
				t.Errorf("the key is told:\n%s", told)
			}
		})
	}
}

func TestShortKeysLeaveWordsAlone(t *testing.T) {
	t.Parallel()
	c := &Client{secrets: newSecrets("test")}
	if got := c.redact("the latest test dGVzdDo="); got != "the latest test REDACTED" {
		t.Errorf("%q", got)
	}
}

func TestWithoutSecrets(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, value, want string }{
		{"Authorization", "Bearer abc", "Bearer REDACTED"},
		{"proxy-authorization", "abc", "REDACTED"},
		{"Cookie", "a=1; b=2", "a=REDACTED"},
		{"Set-Cookie", "sid=secret; Path=/", "sid=REDACTED"},
		{"Cookie", "secret", "REDACTED"},
		{"Content-Type", "text/plain", "text/plain"},
	}
	for _, tt := range tests {
		if got := redactField(tt.name, tt.value); got != tt.want {
			t.Errorf("%s: %s is shown as %q", tt.name, tt.value, got)
		}
	}
}

// The service may put the key into an answer that is otherwise good. Nothing of its
// head may be shown, kept or followed with the key in it; the body is the target's.
func TestHeadsOfGoodAnswersAreFreeOfTheKey(t *testing.T) {
	t.Parallel()
	encoded := basic(testKey, "")
	bare := base64.StdEncoding.EncodeToString([]byte(testKey))
	s := serve(t, raw("HTTP/1.1 302 Found "+testKey+"\r\nLocation: http://other.test/"+testKey+"?k="+encoded+"\r\nSet-Cookie: k="+testKey+
		"\r\nX-Bare: "+bare+"\r\nX-"+testKey+": name\r\nX-Plain: stays\r\nX-Crawlera-Session: a"+testKey+"\r\nX-Crawlera-Slave: "+testKey+
		"\r\nContent-Length: 99\r\n\r\n"+fmt.Sprintf("%-99s", testKey)))
	var trace lines
	r, err := get(t, s.client(t, func(cfg *Config) { cfg.Trace = trace.add }), "http://example.com/")
	if err != nil {
		t.Fatal(err)
	}
	head := fmt.Sprintf("%s %v %+v", r.Reason, r.Header, r.Service)
	if told := strings.ToLower(head); strings.Contains(told, strings.ToLower(testKey)) || strings.Contains(head, bare[:len(testKey)/3*4]) {
		t.Errorf("the key is told:\n%s", head)
	}
	if strings.Contains(strings.ToLower(trace.String()), testKey) {
		t.Errorf("the key is traced:\n%s", trace.String())
	}
	if r.Service.Session != "" || r.Service.IP != "" {
		t.Errorf("taken for a session or an IP: %+v", r.Service)
	}
	if got := r.Header.Get("Location"); got != "http://other.test/REDACTED?k=REDACTED" || r.Header.Get("X-Plain") != "stays" {
		t.Errorf("%v", r.Header)
	}
	if got := strings.TrimSpace(text(t, r)); got != testKey {
		t.Errorf("the body is %q", got)
	}
}

// An id is printed, written down and sent; one that is the key would be all of that.
func TestTheKeyIsNoSession(t *testing.T) {
	t.Parallel()
	id := strings.TrimRight(basic(testKey, ""), "=")
	for _, answer := range []string{
		"HTTP/1.1 200 OK\r\n\r\n" + testKey,
		"HTTP/1.1 200 OK\r\n\r\nmy-" + testKey + "\n",
		"HTTP/1.1 200 OK\r\n\r\n" + id,
		"HTTP/1.1 200 OK\r\nX-Crawlera-Session: " + testKey + "\r\n\r\n",
	} {
		session, err := serve(t, raw(answer)).client(t).CreateSession(t.Context())
		if e := asError(t, err); session.ID != "" || e.Class != Unforeseen || e.Service.Session != "" || strings.Contains(fmt.Sprintf("%#v", *e), testKey) {
			t.Errorf("%q: session %+v, %#v", answer, session, e)
		}
	}
	list := fmt.Sprintf(`{"%s": "198.51.100.1", "6": "%[1]s", "7": "198.51.100.2"}`, testKey)
	sessions, err := serve(t, raw("HTTP/1.1 200 OK\r\n\r\n"+list)).client(t).ListSessions(t.Context())
	if want := []Session{{ID: "6"}, {ID: "7", IP: "198.51.100.2"}}; err != nil || !slices.Equal(sessions, want) {
		t.Errorf("%+v, %v", sessions, err)
	}
}

// What is cut off must not cut the key in two, of which neither half is known.
func TestNoHalfOfTheKeyIsTold(t *testing.T) {
	t.Parallel()
	half := testKey[:len(testKey)/2]
	encoded := basic(testKey, "")
	c := &Client{secrets: newSecrets(testKey)}
	for before := range 400 {
		text := c.quote(strings.Repeat("x", before)+testKey+encoded, messageLimit)
		if strings.Contains(text, half) || strings.Contains(text, encoded[:8]) {
			t.Fatalf("behind %d bytes: %q", before, text)
		}
	}
	for before := bodyLimit - 3*len(encoded); before < bodyLimit+10; before++ {
		for _, many := range []string{"", strings.Repeat(testKey, 100)} {
			body := many + strings.Repeat("x", before-len(many)) + testKey + encoded + testKey + strings.Repeat("y", 1000)
			read := readRefusal(t.Context(), io.NopCloser(strings.NewReader(body)), c.excerptReadLimit())
			text := string(c.excerpt(read))
			if strings.Contains(text, half) || strings.Contains(text, encoded[:8]) || len(text) > bodyLimit {
				t.Fatalf("behind %d bytes: %d bytes that end in %q", before, len(text), text[len(text)-200:])
			}
		}
	}
}

func TestBase64OfTheKeyIsFound(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"0123456789abcdef0123456789abcd", "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdef", "a?b>c~d?e>f~"} {
		c := &Client{secrets: newSecrets(key)}
		for _, coding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
			for _, text := range []string{key, key + ":", key + ":password", key + "\n"} {
				form := coding.EncodeToString([]byte(text))
				if got := c.redact("<" + form + ">"); !strings.HasPrefix(got, "<REDACTED") || strings.Contains(got, form[4:len(key)/3*4]) {
					t.Errorf("%q: %s is shown as %s", text, form, got)
				}
			}
		}
	}
}

// The key is known as encoding/json writes it, which is not asked.
func TestTheKeyInJSONIsFound(t *testing.T) {
	t.Parallel()
	for _, key := range []string{testKey, `a"b\\c<d>e&f'g`, `<<&&>>""\\`} {
		for _, html := range []bool{false, true} {
			var document strings.Builder
			encoder := json.NewEncoder(&document)
			encoder.SetEscapeHTML(html)
			if err := encoder.Encode(key); err != nil {
				t.Fatal(err)
			}
			c := &Client{secrets: newSecrets(key)}
			if got := c.redact(document.String()); got != "\"REDACTED\"\n" {
				t.Errorf("%s is shown as %s", &document, got)
			}
		}
	}
}

func TestProblemsHideNoKeyInTheirJSON(t *testing.T) {
	t.Parallel()
	hidden := fmt.Sprintf(`\u%04x`, testKey[0]) + testKey[1:]
	s := serve(t, raw(fmt.Sprintf("HTTP/1.1 407 X\r\n\r\n"+`{"type":"%s","title":"%[1]s","detail":"%[1]s"}`, hidden)))
	e := asError(t, wholeGet(t.Context(), s.client(t), "http://example.com/"))
	if strings.Contains(e.Error(), testKey) {
		t.Error(e)
	}
}

func BenchmarkScrubHeader(b *testing.B) {
	c := &Client{secrets: newSecrets("0123456789abcdef0123456789abcdef")}
	header := http.Header{
		"Date": {"Mon, 01 Jan 2024 00:00:00 GMT"}, "Content-Type": {"text/html; charset=utf-8"}, "Content-Length": {"1024"}, "Server": {"nginx"},
		"X-Crawlera-Version": {"1.60.1-0cc0a8"}, "X-Crawlera-Session": {"1836172"}, "X-Crawlera-Slave": {"198.51.100.7:3128"},
		"Set-Cookie": {"sid=0123456789abcdef0123456789abcdee; Path=/; HttpOnly"}, "Cache-Control": {"no-cache"}, "Etag": {`"5f1a-5e3b2c"`},
	}
	b.ReportAllocs()
	for b.Loop() {
		c.redactHeader(header)
	}
}

func TestATitleIsOneShortLine(t *testing.T) {
	t.Parallel()
	s := serve(t, raw("HTTP/1.1 503 X\r\nZyte-Error-Type: /download/x\r\nZyte-Error-Title: "+strings.Repeat("T", 900_000)+"\r\n\r\n"))
	if e := asError(t, wholeGet(t.Context(), s.client(t), "http://example.com/")); len(e.Message) > messageLimit+len("…") {
		t.Errorf("a message of %d bytes", len(e.Message))
	}
}
