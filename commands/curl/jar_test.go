package curl

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http/httpguts"
)

func mustURL(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// set gives the jar the Set-Cookie lines of an answer from raw.
func (j *Jar) set(t *testing.T, raw string, lines ...string) {
	t.Helper()
	j.SetCookies(mustURL(t, raw), (&http.Response{Header: http.Header{"Set-Cookie": lines}}).Cookies())
}

// sent is the Cookie header that goes to raw.
func (j *Jar) sent(t *testing.T, raw string) string {
	t.Helper()
	var pairs []string
	for _, c := range j.Cookies(mustURL(t, raw)) {
		pairs = append(pairs, c.Name+"="+c.Value)
	}
	return strings.Join(pairs, "; ")
}

func TestJar(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		from, is string
		to, want string
	}{
		{"the same host", "http://a.com/", "x=1", "http://a.com/p", "x=1"},
		{"in another case, with a port", "http://A.com:8080/", "x=1", "http://a.COM/", "x=1"},
		{"not a host below", "http://a.com/", "x=1", "http://b.a.com/", ""},
		{"a host below the domain", "http://a.com/", "x=1; Domain=a.com", "http://b.a.com/", "x=1"},
		{"a leading dot", "http://b.a.com/", "x=1; Domain=.a.com", "http://c.a.com/", "x=1"},
		{"not a host that only ends alike", "http://a.com/", "x=1; Domain=a.com", "http://ba.com/", ""},
		{"not for another host", "http://a.com/", "x=1; Domain=b.com", "http://b.com/", ""},
		{"not for a host below oneself", "http://a.com/", "x=1; Domain=b.a.com", "http://b.a.com/", ""},
		{"not for a public suffix", "http://a.co.uk/", "x=1; Domain=co.uk", "http://b.co.uk/", ""},
		{"not for a top-level domain", "http://a.com/", "x=1; Domain=com", "http://b.com/", ""},
		{"a suffix may set its own", "http://localhost/", "x=1; Domain=localhost", "http://localhost/", "x=1"},
		{"an address has no domain above", "http://127.0.0.1/", "x=1; Domain=0.0.1", "http://127.0.0.1/", ""},
		{"an address itself", "http://127.0.0.1/", "x=1", "http://127.0.0.1:99/", "x=1"},
		{"path: below", "http://a.com/", "x=1; Path=/p", "http://a.com/p/q", "x=1"},
		{"path: the same", "http://a.com/", "x=1; Path=/p", "http://a.com/p", "x=1"},
		{"path: not one that only begins alike", "http://a.com/", "x=1; Path=/p", "http://a.com/pq", ""},
		{"path: by default the directory", "http://a.com/d/e?f", "x=1", "http://a.com/d/g", "x=1"},
		{"path: by default not above", "http://a.com/d/e", "x=1", "http://a.com/", ""},
		{"path: nonsense is the default", "http://a.com/d/e", "x=1; Path=p", "http://a.com/d/", "x=1"},
		{"path: none in the URL", "http://a.com", "x=1", "http://a.com", "x=1"},
		{"secure: over https", "https://a.com/", "x=1; Secure", "https://a.com/", "x=1"},
		{"secure: not over http", "https://a.com/", "x=1; Secure", "http://a.com/", ""},
		{"secure: not set over http", "http://a.com/", "x=1; Secure", "https://a.com/", ""},
		{"prefix: __Host- with a domain", "https://a.com/", "__Host-x=1; Secure; Path=/; Domain=a.com", "https://a.com/", ""},
		{"prefix: __Host-", "https://a.com/", "__Host-x=1; Secure; Path=/", "https://a.com/", "__Host-x=1"},
		{"prefix: __Secure- without it", "https://a.com/", "__Secure-x=1", "https://a.com/", ""},
		{"expired", "http://a.com/", "x=1; Expires=Mon, 02 Jan 2006 15:04:05 GMT", "http://a.com/", ""},
		{"deleted", "http://a.com/", "x=1; Max-Age=0", "http://a.com/", ""},
		{"an age beyond time", "http://a.com/", "x=1; Max-Age=9223372036", "http://a.com/", "x=1"},
		{"quotes stay", "http://a.com/", `x="a b"`, "http://a.com/", `x="a b"`},
	} {
		j := &Jar{}
		j.set(t, tt.from, tt.is)
		if got := j.sent(t, tt.to); got != tt.want {
			t.Errorf("%s: %s sends %q to %s, want %q", tt.name, tt.is, got, tt.to, tt.want)
		}
	}
}

func TestJarOrderAndReplacement(t *testing.T) {
	t.Parallel()
	j := &Jar{}
	j.set(t, "http://a.com/p/q", "one=1; Path=/", "two=2; Path=/p", "three=3; Path=/")
	if got, want := j.sent(t, "http://a.com/p/q"), "two=2; one=1; three=3"; got != want {
		t.Errorf("got %q, want %q: longer paths first, then as they were set", got, want)
	}
	j.set(t, "http://a.com/", "one=new; Path=/", "three=; Path=/; Max-Age=0")
	if got, want := j.sent(t, "http://a.com/p/q"), "two=2; one=new"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestJarFile(t *testing.T) {
	t.Parallel()
	const written = "# Netscape HTTP Cookie File\n" +
		"# https://curl.se/docs/http-cookies.html\r\n" +
		"\n" +
		".a.com\tTRUE\t/\tFALSE\t0\tsession\tyes\r\n" +
		"#HttpOnly_b.com\tFALSE\t/p\tTRUE\t4102444800\tlong\tv=w\n" +
		"c.com\tFALSE\t/\tFALSE\t4102444800\tempty\t\n" +
		"d.com\tFALSE\t/\tFALSE\t4102444800\tshort\n" +
		"old.com\tFALSE\t/\tFALSE\t1\tgone\tx"
	j := &Jar{}
	if err := j.Load(strings.NewReader(written)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ to, want string }{
		{"http://www.a.com/", "session=yes"},
		{"https://b.com/p", "long=v=w"},
		{"http://b.com/p", ""},
		{"http://c.com/", "empty="},
		{"http://d.com/", "short="},
		{"http://old.com/", ""},
	} {
		if got := j.sent(t, tt.to); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.to, got, tt.want)
		}
	}
	var out strings.Builder
	if err := j.Save(&out); err != nil {
		t.Fatal(err)
	}
	const want = "# Netscape HTTP Cookie File\n# Written by smp; curl and browsers read it too.\n\n" +
		".a.com\tTRUE\t/\tFALSE\t0\tsession\tyes\n" +
		"#HttpOnly_b.com\tFALSE\t/p\tTRUE\t4102444800\tlong\tv=w\n" +
		"c.com\tFALSE\t/\tFALSE\t4102444800\tempty\t\n" +
		"d.com\tFALSE\t/\tFALSE\t4102444800\tshort\t\n"
	if out.String() != want {
		t.Errorf("written:\n%swant:\n%s", out.String(), want)
	}
}

func TestJarFileRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, line, says string }{
		{"prose", "hello", "line 1"},
		{"a header", "Set-Cookie: a=b", "line 1"},
		{"five fields", "a.com\tTRUE\t/\tFALSE\t0", "line 1"},
		{"eight fields", "a.com\tTRUE\t/\tFALSE\t0\ta\tb\tc", "line 1"},
		{"no boolean", "a.com\tyes\t/\tFALSE\t0\ta\tb", "line 1"},
		{"no time", "a.com\tTRUE\t/\tFALSE\tsoon\ta\tb", "line 1"},
		{"no domain", "\tTRUE\t/\tFALSE\t0\ta\tb", "line 1"},
		{"no name", "a.com\tTRUE\t/\tFALSE\t0\t\tb", "line 1"},
		{"no path", "a.com\tTRUE\t\tFALSE\t0\ta\tb", "line 1"},
		{"a control character", "a.com\tTRUE\t/\tFALSE\t0\ta\tb\x1b[2J", "line 1"},
		{"the second line", "# c\nhello", "line 2"},
		{"a line without end", strings.Repeat("x", maxJarLine+1), "64 KiB"},
	} {
		err := (&Jar{}).Load(strings.NewReader(tt.line))
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: got %v, want it to say %q", tt.name, err, tt.says)
		}
	}
}

// Whatever a file holds, reading it ends, and what is written is read back the same.
func FuzzJarFile(f *testing.F) {
	f.Add("# Netscape HTTP Cookie File\n.a.com\tTRUE\t/\tFALSE\t0\tn\tv\n")
	f.Add("#HttpOnly_b.com\tFALSE\t/p\tTRUE\t4102444800\tlong\tv=w\r\n")
	f.Add("a.com\tTRUE\t/\tFALSE\t-1\tn\n\n")
	f.Add(".\tTRUE\t/\tFALSE\t99999999999999999\tn\t\t")
	f.Fuzz(func(t *testing.T, content string) {
		first := &Jar{}
		if first.Load(strings.NewReader(content)) != nil {
			return
		}
		for _, c := range first.cookies {
			if c.expired(time.Now()) {
				t.Errorf("%+v is kept, and expired", c)
			}
			if !httpguts.ValidHeaderFieldValue(c.name + c.value) {
				t.Errorf("%+v would break a header", c)
			}
		}
		first.sent(t, "https://a.com/p/q")
		var once, twice strings.Builder
		if err := first.Save(&once); err != nil {
			t.Fatal(err)
		}
		second := &Jar{}
		if err := second.Load(strings.NewReader(once.String())); err != nil {
			t.Fatalf("what was written cannot be read: %v\n%q", err, once.String())
		}
		if err := second.Save(&twice); err != nil {
			t.Fatal(err)
		}
		if once.String() != twice.String() {
			t.Errorf("written again it differs:\n%q\n%q", once.String(), twice.String())
		}
	})
}
