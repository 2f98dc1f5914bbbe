package commands

import (
	"bytes"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Whatever stands where a URL belongs, what is made of it is a target, it is the
// same when it is read again, and what is refused is refused in one line without
// the user information.
func FuzzTargetURL(f *testing.F) {
	for _, s := range []string{
		"example.com", "http://me:secret@host:81/a/../b?q=%zz#f", "https://[::1%25eth0]:8443/%2e%2e/ü", "mailto:x", "host:80/path", "//host", "http:///x",
		"http://h/\x00", "user:pass@host", "HTTP://H.", "http://xn--/", "http://h?x=y z", "https://h:99999", "http://[::1", "http://a%41/",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, user, err := targetURL(raw)
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
		again, user2, err := targetURL(u.String())
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
			if strings.EqualFold(name, "Proxy-Authorization") || !isToken(name) || len(values) > 1 {
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
		field, err := parseFormField(formArg{value: s})
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

// -w prints text as it is, and values in the place of their names.
func FuzzWriteOut(f *testing.F) {
	for _, s := range []string{`%{http_code}\n`, "%%{ip}", "%{", "%{}", `\x`, "%{attempts}%{session}%{waited}é\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, format string) {
		w, err := parseWriteOut(format)
		if err != nil {
			return
		}
		out := w.format(&fetchReport{Attempts: 7})
		if !strings.ContainsAny(format, `%\`) && out != format || strings.Contains(out, "%{attempts}") {
			t.Errorf("%q prints %q", format, out)
		}
	})
}

// A duration is not negative, and a plain number is seconds.
func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"5", "1.5", "12s", "1h2m", "-1", "1e400", "NaN", "0x1p10", "9223372036854775807", "1_0", "+3", ".5", "5 s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := parseDuration(s)
		if err == nil && (d < 0 || d == math.MaxInt64) {
			t.Errorf("%q is %s", s, d)
		}
		if err != nil && d != 0 {
			t.Errorf("%q: %s beside %v", s, d, err)
		}
	})
}

// Whatever a config file holds, it is read, or refused without quoting a value.
func FuzzConfigFile(f *testing.F) {
	for _, s := range []string{
		`endpoint = "http://h:1"`, "api_key = \"k\"\n[delays]\n\"a.b\" = \"3s\"", "delay = 5.5", "timeout = \"\"", "[delays]\nx = -1", "a.b = 1", "delays = 3",
		"api_key = 'SECRET", "SECRET = 1", "insecure = [true]", "delay = nan", "state_dir = 1979-05-27", "\"\" = 1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content string) {
		file := configFile{path: "config.toml", mode: 0o600, values: map[string]string{}, delays: map[string]time.Duration{}}
		if err := file.decode(content); err != nil {
			if strings.Contains(err.Error(), "SECRET") {
				t.Errorf("%q: %v", content, err)
			}
			return
		}
		for _, d := range file.delays {
			if d < 0 {
				t.Errorf("%q: a delay of %s", content, d)
			}
		}
	})
}

// Whatever a server sets, the jar sends it to its own hosts alone, and the file it
// is written to is read back the same.
func FuzzSetCookie(f *testing.F) {
	for _, s := range []string{
		"a=b", "a=b; Domain=com; Path=/", "a=b; Domain=.shop.test; Secure; HttpOnly", "a=b; Max-Age=99999999999", "a=\"b c\"; Expires=Thu, 01 Jan 2099 00:00:00 GMT",
		"a=b\tc", "__Host-a=b; Secure; Path=/", "a=b; Path=/\t\n", "=b", "#HttpOnly_a=b", "a=b; Domain=shop.test\t", "a=; Path=\x1b[2J",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		u := &url.URL{Scheme: "https", Host: "www.shop.test", Path: "/a/b"}
		j := &jar{}
		j.SetCookies(u, (&http.Response{Header: http.Header{"Set-Cookie": {line}}}).Cookies())
		for _, host := range []string{"evil.test", "shop.test.evil", "xshop.test", "test"} {
			if sent := j.Cookies(&url.URL{Scheme: "https", Host: host, Path: "/a/b"}); len(sent) > 0 {
				t.Errorf("%q goes to %s: %v", line, host, sent)
			}
		}
		var file bytes.Buffer
		if err := j.write(&file); err != nil {
			t.Fatal(err)
		}
		again := &jar{}
		if err := again.read(&file); err != nil || len(again.cookies) != len(j.cookies) {
			t.Fatalf("%q: %d cookies are read back as %d: %v", line, len(j.cookies), len(again.cookies), err)
		}
		for i := range again.cookies {
			got, want := again.cookies[i], j.cookies[i]
			got.expires, want.expires = got.expires.Truncate(time.Second).UTC(), want.expires.Truncate(time.Second).UTC()
			if got != want {
				t.Errorf("%q: %+v is read back as %+v", line, want, got)
			}
		}
	})
}
