package curl

import (
	"strings"
	"testing"
)

func TestTargetURL(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ raw, want, user string }{
		{"example.com", "http://example.com/", ""},
		{"example.com/a?b#c", "http://example.com/a?b#c", ""},
		{"localhost:8080/x", "http://localhost:8080/x", ""},
		{"localhost:8080", "http://localhost:8080/", ""},
		{"127.0.0.1:80?q", "http://127.0.0.1:80/?q", ""},
		{"[::1]:8080/x", "http://[::1]:8080/x", ""},
		{"//example.com/x", "", ""},
		{"http://example.com:/", "http://example.com/", ""},
		{"http://example.com/%zz%2F|?|", "http://example.com/%zz%2F%7C?|", ""},
		{"https://example.com", "https://example.com/", ""},
		{"HTTPS://Example.COM/A", "https://Example.COM/A", ""},
		{"http://example.com:8080//a//b", "http://example.com:8080//a//b", ""},
		{"http://example.com/a/../b/./c?x=../y", "http://example.com/b/c?x=../y", ""},
		{"http://example.com/../../a", "http://example.com/a", ""},
		{"http://example.com/%2e%2F/ü?ü", "http://example.com/%2e%2F/%C3%BC?%C3%BC", ""},
		{"http://example.com/a%20b?c+d", "http://example.com/a%20b?c+d", ""},
		{"http://user:p%40ss@example.com/", "http://example.com/", "user:p%40ss"},
		{"user:pass@example.com", "http://example.com/", "user:pass"},
		{"http://user@example.com/", "http://example.com/", "user"},
		{"https://bücher.example:8443/ü", "https://xn--bcher-kva.example:8443/%C3%BC", ""},
	} {
		u, user, err := ParseURL(tt.raw)
		if tt.want == "" {
			if err == nil {
				t.Errorf("%q: got %s, want an error", tt.raw, u)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", tt.raw, err)
			continue
		}
		if u.String() != tt.want || user.String() != tt.user {
			t.Errorf("%q: got %s and user %q, want %s and %q", tt.raw, u, user, tt.want, tt.user)
		}
	}
}

func TestTargetURLRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ raw, says string }{
		{"", "empty"},
		{"http://", "no host"},
		{"http:///path", "no host"},
		{"http:example.com", "no host"},
		{"https:/example.com", "no host"},
		{"file:///etc/passwd", "scheme"},
		{"file:/etc/passwd", "scheme"},
		{"ftp://example.com/", "scheme"},
		{"mailto:someone", "scheme"},
		{"javascript:alert(1)", "scheme"},
		{"data:text/plain,x", "scheme"},
		{"socks5://example.com", "scheme"},
		{"http://example.com:0/", "port"},
		{"http://example.com:65536/", "port"},
		{"http://example.com:http/", "port"},
		{"http://exa mple.com/", "space"},
		{"http://example.com/a b", "space"},
		{"http://example.com/\n", "control"},
		{"http://example.com/\r\nHost: x", "control"},
		{`"http://example.com/"`, "quotes"},
		{"'http://example.com/'", "quotes"},
		{"“http://example.com/”", "quotes"},
		{"\xff\xfeh\x00t\x00t\x00p\x00", "UTF-16"},
		{"http://[::1/", ""},
		{"http://exa<mple/", ""},
		{"http://%41/", ""},
	} {
		u, _, err := ParseURL(tt.raw)
		if err == nil {
			t.Errorf("%q: got %s, want an error", tt.raw, u)
		} else if !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%q: got %q, want it to say %q", tt.raw, err, tt.says)
		}
	}
}

// A URL may hold a password: no message quotes it.
func TestTargetURLErrorsKeepSecrets(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"http://name:hunter2@exa<mple.com/", "http://name:hunter2@example.com:x/", "http://name:hunter2@/", "ftp://name:hunter2@example.com/",
		"http://name:hunter2%zz@example.com/", "http://name:hun^ter2@example.com/%zz", "http://name:hunter2/x@example.com/", "name:hunter2@example.com:99999",
	} {
		_, _, err := ParseURL(raw)
		if err == nil {
			t.Errorf("%q: want an error", raw)
		} else if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "ter2") {
			t.Errorf("%q: %q quotes the password", raw, err)
		}
	}
}
