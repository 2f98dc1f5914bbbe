package client

import (
	"fmt"
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
	if got := c.scrub("the latest test dGVzdDo="); got != "the latest test REDACTED" {
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
		if got := withoutSecrets(tt.name, tt.value); got != tt.want {
			t.Errorf("%s: %s is shown as %q", tt.name, tt.value, got)
		}
	}
}
