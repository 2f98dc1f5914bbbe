package curl

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http/httpguts"

	"smp/client"
)

// FuzzTargetURL user information.
func FuzzTargetURL(f *testing.F) {
	for _, s := range []string{
		"example.com", "http://me:secret@host:81/a/../b?q=%zz#f", "https://[::1%25eth0]:8443/%2e%2e/ü", "mailto:x", "host:80/path", "//host", "http:///x",
		"http://h/\x00", "user:pass@host", "HTTP://H.", "http://xn--/", "http://h?x=y z", "https://h:99999", "http://[::1", "http://a%41/", "[::%250]:/%",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, user, err := ParseURL(raw)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r\x1b") {
				t.Errorf("%q: %q", raw, err)
			}
			return
		}
		if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Path == "" {
			t.Errorf("%q is taken for %q", raw, u)
		}
		if strings.ContainsFunc(u.RequestURI(), func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			t.Errorf("%q would break the request line: %q", raw, u.RequestURI())
		}
		again, user2, err := ParseURL(u.String())
		if err != nil || again.String() != u.String() || user2 != nil {
			t.Errorf("%q became %q, and that %v, %v (user %v)", raw, u, again, err, user)
		}
	})
}

// Whatever -H is given, what is sent is one header.
func FuzzHeaderLine(f *testing.F) {
	for _, s := range []string{"Accept: a, b", "X:", "X;", "X ;", ": v", "A\r\nB: c", "A: b\nC: d", "proxy-authorization: x", "Näme: v", "A:\x00", "host: x", "X-Crawlera-Session: 42"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		headers, err := headerLines([]string{line})
		if err != nil {
			return
		}
		if len(headers) != 1 {
			t.Fatalf("%q is %d headers", line, len(headers))
		}
		for name, values := range headers {
			if strings.EqualFold(name, "Proxy-Authorization") || !httpguts.ValidHeaderFieldName(name) || len(values) > 1 {
				t.Errorf("%q: %q: %q", line, name, values)
			}
		}
		var b strings.Builder
		if err := headers.Write(&b); err != nil || strings.Count(b.String(), "\n") > 1 {
			t.Errorf("%q is written %q, %v", line, b.String(), err)
		}
	})
}

// Whatever -F is given, its head is one part's and its content comes out.
func FuzzFormField(f *testing.F) {
	for _, s := range []string{"a=b", `a="b;c";type=text/plain;charset=utf-8`, "a=@/dev/null;filename=x;type=y", `a=<"f,g"`, "a=b;type=\r\nX: y", `a="\"`, "=b", "a=\"b\"c", "\"\r\n=x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		field, err := parseFormField(FormArg{Value: s})
		if err != nil {
			return
		}
		head := field.head()
		lines := 2
		if field.mimeType != "" {
			lines++
		}
		if strings.Count(head, "\n") != lines || strings.Count(head, "\r") != lines || !strings.HasSuffix(head, "\r\n\r\n") {
			t.Errorf("%q has the head %q", s, head)
		}
	})
}

// FuzzSetCookie written to is read back the same.
func FuzzSetCookie(f *testing.F) {
	for _, s := range []string{
		"a=b", "a=b; Domain=com; Path=/", "a=b; Domain=.shop.test; Secure; HttpOnly", "a=b; Max-Age=99999999999", "a=\"b c\"; Expires=Thu, 01 Jan 2099 00:00:00 GMT",
		"a=b\tc", "__Host-a=b; Secure; Path=/", "a=b; Path=/\t\n", "=b", "#HttpOnly_a=b", "a=b; Domain=shop.test\t", "a=; Path=\x1b[2J",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		u := &url.URL{Scheme: "https", Host: "www.shop.test", Path: "/a/b"}
		j := &Jar{}
		j.SetCookies(u, (&client.Response{Header: http.Header{"Set-Cookie": {line}}}).Cookies())
		for _, host := range []string{"evil.test", "shop.test.evil", "xshop.test", "test"} {
			if sent := j.Cookies(&url.URL{Scheme: "https", Host: host, Path: "/a/b"}); len(sent) > 0 {
				t.Errorf("%q goes to %s: %v", line, host, sent)
			}
		}
		var file bytes.Buffer
		if err := j.Save(&file); err != nil {
			t.Fatal(err)
		}
		again := &Jar{}
		if err := again.Load(&file); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		got, want := again.all(time.Time{}), j.all(time.Time{})
		if len(got) != len(want) {
			t.Fatalf("%q: %d cookies are read back as %d", line, len(want), len(got))
		}
		for i := range got {
			if got[i].line() != want[i].line() {
				t.Errorf("%q: %q is read back as %q", line, want[i].line(), got[i].line())
			}
		}
	})
}
