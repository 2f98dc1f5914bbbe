package client

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestParseURLKeepsOctets(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"http://a.example":                    "http://a.example/",
		"http://a.example?q":                  "http://a.example/?q",
		"http://a.example/?":                  "http://a.example/?",
		"http://a.example#f":                  "http://a.example/#f",
		"http://a.example/a%2Fb|c":            "http://a.example/a%2Fb%7Cc",
		"http://a.example/a%2Fb{c}":           "http://a.example/a%2Fb%7Bc%7D",
		`http://a.example/"a'b"`:              "http://a.example/%22a'b%22",
		"http://a.example/a%2fb%41":           "http://a.example/a%2fb%41",
		"http://a.example/a[1];x=,!$&()*+@:":  "http://a.example/a[1];x=,!$&()*+@:",
		"http://a.example/ü?ü=|{}\"'":         "http://a.example/%C3%BC?%C3%BC=|{}\"'",
		"http://a.example/\xfc":               "http://a.example/%FC",
		"http://a.example/100%":               "http://a.example/100%",
		"http://a.example/%zz/%2Fb?x=%zz#%zz": "http://a.example/%zz/%2Fb?x=%zz#%25zz",
		"http://[::%250]/%":                   "http://[::%250]/%",
		"http://a.example//%zz":               "http://a.example//%zz",
		"http://a.example/a/..//b":            "http://a.example//b",
		"http://a.example/a/%2e%2e/b":         "http://a.example/a/%2e%2e/b",
		"http://a.example/../a/./b/..":        "http://a.example/a/",
		"http://a.example/a/.":                "http://a.example/a/",
		"http://a.example/..a/.b/...":         "http://a.example/..a/.b/...",
		"http://a.example/%zz/../b%2F":        "http://a.example/b%2F",
		"http://a.example:/p":                 "http://a.example/p",
		"http://a.example:080/p":              "http://a.example:80/p",
		"HTTP://A.Example/P":                  "http://A.Example/P",
		"http://u:p%40@a.example/":            "http://u:p%40@a.example/",
		"http://[::1]:8080":                   "http://[::1]:8080/",
		"http://[fe80::1%25eth0]/":            "http://[fe80::1%25eth0]/",
		"http://B\u00fccher.example:81/":      "http://xn--bcher-kva.example:81/",
	} {
		u, err := ParseURL(raw)
		if err != nil || u.String() != want {
			t.Errorf("%s: %v, %v; want %s", raw, u, err, want)
		}
	}
}

func TestParseURLRefuses(t *testing.T) {
	t.Parallel()
	for raw, says := range map[string]string{
		"":                               "scheme",
		"a.example":                      "scheme",
		"ftp://a.example/":               "ftp",
		"http:a.example":                 "no host",
		"http:///p":                      "no host",
		"http://:80/":                    "no host",
		"http://u@/":                     "no host",
		"http://a.example:0/":            "port",
		"http://a.example:65536/":        "port",
		"http://a.example:x/":            "port",
		"http://a|b/":                    "",
		"http://a.example\uff0fb/":       "ASCII",
		"http://\u00ad/":                 "ASCII",
		"http://%41/":                    "",
		"http://[::1/":                   "",
		"http://" + long(300_000):        "",
		"http://\u00fc" + long(300_000):  "too long",
		long(300_000) + "://a.example/x": "scheme",
	} {
		u, err := ParseURL(raw)
		switch {
		case err == nil && len(raw) > 1000:
		case err == nil:
			t.Errorf("%.100q: %s, want an error", raw, u)
		case !strings.Contains(err.Error(), says) || len(err.Error()) > 1000:
			t.Errorf("%.100q: %.1000v, want it to say %q in a line", raw, err, says)
		}
	}
}

// A hostile Location is read in no time.
func TestLongHostCostsNothing(t *testing.T) {
	t.Parallel()
	var host strings.Builder
	for r := rune(0x4e00); host.Len() < 1<<20; r++ {
		host.WriteRune(0x4e00 + (r-0x4e00)%20000)
	}
	start := time.Now()
	_, err := ResolveURL(mustURL("http://a.example/"), "//"+host.String()+"/")
	if took := time.Since(start); err == nil || len(err.Error()) > 1000 || took > 5*time.Second {
		t.Errorf("%.100v after %v", err, took)
	}
}

func long(n int) string { return strings.Repeat("a", n) }

// The examples of RFC 3986, section 5.4, and what servers in the wild send.
func TestResolveURL(t *testing.T) {
	t.Parallel()
	const base = "http://a.example/b/c/d;p?q"
	for reference, want := range map[string]string{
		"g":                        "http://a.example/b/c/g",
		"./g":                      "http://a.example/b/c/g",
		"g/":                       "http://a.example/b/c/g/",
		"/g":                       "http://a.example/g",
		"//g":                      "http://g/",
		"?y":                       "http://a.example/b/c/d;p?y",
		"?":                        "http://a.example/b/c/d;p?",
		"g?y":                      "http://a.example/b/c/g?y",
		"#s":                       "http://a.example/b/c/d;p?q#s",
		"g#s":                      "http://a.example/b/c/g#s",
		";x":                       "http://a.example/b/c/;x",
		"":                         "http://a.example/b/c/d;p?q",
		".":                        "http://a.example/b/c/",
		"..":                       "http://a.example/b/",
		"../g":                     "http://a.example/b/g",
		"../..":                    "http://a.example/",
		"../../../g":               "http://a.example/g",
		"/./g":                     "http://a.example/g",
		"g.":                       "http://a.example/b/c/g.",
		"..g":                      "http://a.example/b/c/..g",
		"./g/.":                    "http://a.example/b/c/g/",
		"g/./h":                    "http://a.example/b/c/g/h",
		"g;x=1/../y":               "http://a.example/b/c/y",
		"g?y/../x":                 "http://a.example/b/c/g?y/../x",
		"g:h":                      "",
		"http:g":                   "",
		"/a%2Fb c":                 "http://a.example/a%2Fb%20c",
		"/caf\u00e9%2Fx":           "http://a.example/caf%C3%A9%2Fx",
		"/caf\xe9":                 "http://a.example/caf%E9",
		"100%":                     "http://a.example/b/c/100%",
		"/a%zz/../b":               "http://a.example/b",
		" /x ":                     "http://a.example/x",
		"/a b?c d":                 "http://a.example/a%20b?c%20d",
		"http://u.example:/p":      "http://u.example/p",
		"http:///p":                "",
		"https://":                 "",
		"//":                       "",
		"https://u:p@b.example":    "https://u:p@b.example/",
		"//bu\u0308cher.example/x": "http://xn--bcher-kva.example/x",
	} {
		u, err := ResolveURL(mustURL(base), reference)
		if (err == nil) != (want != "") || err == nil && u.String() != want {
			t.Errorf("%q: %v, %v; want %q", reference, u, err, want)
		}
	}
}

func TestResolveURLAgainStray(t *testing.T) {
	t.Parallel()
	base, err := ParseURL("https://a.example/x%2F/100%/y#f")
	if err != nil {
		t.Fatal(err)
	}
	for reference, want := range map[string]string{
		"":   "https://a.example/x%2F/100%/y#f",
		"z":  "https://a.example/x%2F/100%/z#f",
		"?q": "https://a.example/x%2F/100%/y?q#f",
		"/z": "https://a.example/z#f",
	} {
		u, err := ResolveURL(base, reference)
		if err != nil || u.String() != want {
			t.Errorf("%q: %v, %v; want %s", reference, u, err, want)
		}
	}
}

// What a URL shows is what is sent, over http and https alike.
func TestOctetsOnTheWire(t *testing.T) {
	t.Parallel()
	parsed := func(raw string) *url.URL {
		u, err := ParseURL(raw)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	for _, tt := range []struct {
		url  *url.URL
		want string
	}{
		{parsed("http://example.com/a%2Fb|c?|{}"), "/a%2Fb%7Cc?|{}"},
		{parsed("http://example.com/%zz%2F{?%"), "/%zz%2F%7B?%"},
		{parsed("http://example.com:80/a%2fb"), "/a%2fb"},
		{parsed("http://example.com//b"), "//b"},
		{parsed("http://example.com/a?"), "/a?"},
		{parsed("http://example.com/\u00fc%2F"), "/%C3%BC%2F"},
		{mustURL("http://example.com/a%2Fb|c"), "/a%2Fb%7Cc"},
		{mustURL("http://example.com/a b\u00fc%2F"), "/a%20b%C3%BC%2F"},
		{&url.URL{Scheme: "http", Host: "example.com", Path: "/a b", RawPath: "/other"}, "/a%20b"},
		{&url.URL{Scheme: "http", Host: "example.com"}, "/"},
	} {
		for _, host := range []string{"", "front.example"} {
			for _, scheme := range []string{"http", "https"} {
				u := *tt.url
				u.Scheme = scheme
				header := http.Header{}
				wantHost := "example.com"
				if host != "" {
					header.Set("Host", host)
					wantHost = host
				}
				want := tt.want
				if scheme == "http" {
					want = "http://example.com" + want
				} else if u.Port() == "80" {
					wantHost = strings.Replace(wantHost, "example.com", "example.com:80", 1)
				}
				heads := make(chan string, 1)
				s := serve(t, func(t testing.TB, conn net.Conn) {
					if scheme == "https" {
						conn = trusted().tunnel(t, conn)
					}
					r := bufio.NewReader(conn)
					first, _ := r.ReadString('\n')
					second, _ := r.ReadString('\n')
					heads <- first + second
					io.WriteString(conn, ok(""))
					hangUp(conn)
				})
				if _, err := do(t, s.client(t), &Request{URL: &u, Header: header}); err != nil {
					t.Fatal(err)
				}
				if got := <-heads; got != "GET "+want+" HTTP/1.1\r\nHost: "+wantHost+"\r\n" {
					t.Errorf("%s, host %q: %q, want %q", &u, host, got, want)
				}
			}
		}
	}
}

// A path that net/http would take for a host loses its stray percent signs, and nothing
// else.
func TestDoubleSlashInATunnel(t *testing.T) {
	t.Parallel()
	u, err := ParseURL("https://example.com//b%zz")
	if err != nil {
		t.Fatal(err)
	}
	c := &Conn{scheme: "https"}
	if got := c.requestURL(u, "").RequestURI(); got != "//b%25zz" {
		t.Errorf("%q", got)
	}
}

func TestASCIIHost(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"Example.COM":                          "example.com",
		"my_host.r3---sn.example":              "my_host.r3---sn.example",
		"bu\u0308cher.example":                 "xn--bcher-kva.example",
		"B\u00dcCHER.example":                  "xn--bcher-kva.example",
		"\u4f8b\u3048\u3002\u30c6\u30b9\u30c8": "xn--r8jz45g.xn--zckzah",
		"fa\u00df.example":                     "xn--fa-hia.example",
		"\uff45xample.com":                     "example.com",
		"\u2603.example":                       "xn--n3h.example",
		"\u00fc_x.example":                     "xn--_x-wka.example",
		"\u00fc.example.":                      "xn--tda.example.",
		"a\uff0fb.example":                     "",
		"a\uff1ab.example":                     "",
		"\u00ad":                               "",
		"\xfc.example":                         "",
	} {
		got, err := ASCIIHost(host)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", host, got, err, want)
		}
	}
}

// Whatever the octets are, reading a URL's own text gives the same URL again.
func FuzzParseURL(f *testing.F) {
	for _, s := range []string{"http://a.example/a%2Fb|c%?q #f", "https://u:p@[::1]:81//%zz/../x", "http://\u4f8b\u3048\u3002jp/\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := ParseURL(raw)
		if err != nil {
			return
		}
		if strings.ContainsFunc(u.RequestURI(), func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			t.Errorf("%q: %q would break a request line", raw, u.RequestURI())
		}
		again, err := ParseURL(u.String())
		if err != nil || again.String() != u.String() {
			t.Errorf("%q: %s, then %v, %v", raw, u, again, err)
		}
		if _, err := url.Parse("http://" + u.Host + "/"); err != nil {
			t.Errorf("%q: host %q: %v", raw, u.Host, err)
		}
		if _, err := ResolveURL(u, "x/../y?z"); err != nil {
			t.Errorf("%q: %v", raw, err)
		}
	})
}
