package curl

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http/httpguts"

	"smp/client"
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
	j.SetCookies(mustURL(t, raw), (&client.Response{Header: http.Header{"Set-Cookie": lines}}).Cookies())
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
		{"expired, as C writes it", "http://a.com/", "x=1; Expires=Thu Jan  1 00:00:00 1970", "http://a.com/", ""},
		{"expired, as a browser's script writes it", "http://a.com/", "x=1; Expires=Thu Jan 01 1970 00:00:00 GMT+0000", "http://a.com/", ""},
		{"a name of any letters", "http://a.com/", "user[name]=bob", "http://a.com/", "user[name]=bob"},
		{"JSON", "http://a.com/", `x={"lang":"en"}`, "http://a.com/", `x={"lang":"en"}`},
		{"UTF-8", "http://a.com/", "city=München", "http://a.com/", "city=München"},
		{"spaces and commas", "http://a.com/", " x = a, b ; Path=/", "http://a.com/", "x=a, b"},
		{"an international domain", "http://www.xn--bcher-kva.de/", "x=1; Domain=Bücher.de", "http://xn--bcher-kva.de/", "x=1"},
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

// What other programs write: a BOM, indented comments, fractions of a second, no time
// at all, hosts in their own letters.
func TestJarFileOfOthers(t *testing.T) {
	t.Parallel()
	const written = "\ufeff# Netscape HTTP Cookie File\n" +
		"  # made by hand\n" +
		"a.com\tFALSE\t/\tFALSE\t4102444800.123\tfraction\t1\n" +
		"a.com\tFALSE\t/\tFALSE\t4.1024448e9\texponent\t2\n" +
		"a.com\tFALSE\t/\tFALSE\t\tnever\t3\n" +
		"a.com\tFALSE\t/\tFALSE\t1e300\tfar\t4\n" +
		"a.com\tfalse\t/\tFalse\t0\tcase\t5\n" +
		"a.com\tFALSE\t/\tFALSE\t1.5\tgone\t6\n" +
		" \t\n" +
		".Bücher.de\tTRUE\t/\tFALSE\t0\tidn\t7\n"
	j := &Jar{}
	if err := j.Load(strings.NewReader(written)); err != nil {
		t.Fatal(err)
	}
	for to, want := range map[string]string{
		"http://a.com/":                 "fraction=1; exponent=2; never=3; far=4; case=5",
		"http://www.xn--bcher-kva.de/x": "idn=7",
	} {
		if got := j.sent(t, to); got != want {
			t.Errorf("%s: got %q, want %q", to, got, want)
		}
	}
	for _, other := range []string{"a.com\tFALSE\t/\tFALSE\tNaN\ta\tb", "\xff\xfea\x00.\x00c\x00"} {
		if err := (&Jar{}).Load(strings.NewReader(other)); err == nil {
			t.Errorf("%q is read", other)
		}
	}
}

// A target cannot make the jar grow without bound, nor push out what its owner loaded
// or what other sites set.
func TestJarIsBounded(t *testing.T) {
	t.Parallel()
	j := &Jar{}
	var file strings.Builder
	for i := range maxSiteCookies + 20 {
		fmt.Fprintf(&file, "flood.com\tFALSE\t/\tFALSE\t0\tmine%d\tv\n", i)
	}
	if err := j.Load(strings.NewReader(file.String())); err != nil {
		t.Fatal(err)
	}
	j.set(t, "http://other.com/", "kept=1")
	for n := range 40 {
		var lines []string
		for i := range 500 {
			lines = append(lines, fmt.Sprintf("c%d_%d=%s; Domain=flood.com", n, i, strings.Repeat("x", 1900)))
		}
		j.set(t, fmt.Sprintf("http://h%d.flood.com/", n), lines...)
	}
	s := j.sites["flood.com"]
	if s.count > maxSiteCookies || j.count > maxSiteCookies+1 || len(s.cookies) != s.count+maxSiteCookies+20 || len(s.byKey) != len(s.cookies) {
		t.Errorf("%d of %d cookies, %d in all, %d keys", s.count, len(s.cookies), j.count, len(s.byKey))
	}
	if got := j.sent(t, "http://other.com/"); got != "kept=1" {
		t.Errorf("another site's cookie: %q", got)
	}
	if sent := j.sent(t, "http://flood.com/"); len(sent) > maxCookieHeader || !strings.HasPrefix(sent, "mine0=v; mine1=v") {
		t.Errorf("%d bytes are sent: %.50q", len(sent), sent)
	}
	for n := range 5000 {
		j.set(t, fmt.Sprintf("http://site%d.com/", n), "x=1", "y=2")
	}
	if j.count > maxCookies || j.count < maxCookies*8/10 {
		t.Errorf("%d cookies in all", j.count)
	}
	if got := j.sent(t, "http://site4999.com/"); got != "x=1; y=2" {
		t.Errorf("the last that were set: %q", got)
	}
	if got := j.sent(t, "http://other.com/"); got != "" {
		t.Errorf("the cookie that was not used for longest is still there: %q", got)
	}
	if sent := j.sent(t, "http://flood.com/"); !strings.HasPrefix(sent, "mine0=v; mine1=v") {
		t.Errorf("what a file held is gone: %.50q", sent)
	}
}

// A cookie too large for a request does not keep the others from it.
func TestJarLeavesOutWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	j := &Jar{}
	file := "a.com\tFALSE\t/\tFALSE\t0\tlarge\t" + strings.Repeat("x", 9000) + "\na.com\tFALSE\t/\tFALSE\t0\tsmall\t1\n"
	if err := j.Load(strings.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	if got := j.sent(t, "http://a.com/"); got != "small=1" {
		t.Errorf("%.50q is sent", got)
	}
}

func TestJarEvictsTheUnusedFirst(t *testing.T) {
	t.Parallel()
	j := &Jar{}
	j.set(t, "http://a.com/", "used=1; Path=/p", "unused=1; Path=/q")
	for i := range maxSiteCookies {
		j.set(t, "http://a.com/", fmt.Sprintf("c%d=1; Path=/r", i))
		if got := j.sent(t, "http://a.com/p"); got != "used=1" {
			t.Fatalf("after %d cookies: %q", i, got)
		}
	}
	if got := j.sent(t, "http://a.com/q"); got != "" {
		t.Errorf("the cookie that was never used is still there: %q", got)
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
		for _, c := range first.all(time.Time{}) {
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
