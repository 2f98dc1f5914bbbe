package commands

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"smp/commands/term"
)

// seen is a request as a target sees it: the headers that are told, and the body.
type seen struct {
	method, url string
	header      map[string]string
	body        string
}

// echo is an endpoint that remembers the last request.
type echo struct {
	*httptest.Server
	requests []seen
}

func newEcho(t *testing.T) *echo {
	e := &echo{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		header := map[string]string{}
		for name, values := range r.Header {
			header[name] = strings.Join(values, " | ")
		}
		for _, ours := range []string{"Proxy-Authorization", "User-Agent", "Accept", "Accept-Encoding"} {
			if header[ours] == "smp/"+thisBuild().Version || header[ours] == "*/*" || ours == "Proxy-Authorization" {
				delete(header, ours)
			}
		}
		delete(header, "Content-Length")
		if len(r.TransferEncoding) > 0 {
			header["Transfer-Encoding"] = strings.Join(r.TransferEncoding, ",")
		}
		e.requests = append(e.requests, seen{r.Method, r.RequestURI, header, string(content)})
		w.Header().Set("X-Crawlera-Version", "1")
		io.WriteString(w, "ok")
	}))
	t.Cleanup(e.Close)
	return e
}

// smp runs the program against the endpoint e.
func (e *echo) smp(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return runWith(t, stdin, map[string]string{
		"SMP_ENDPOINT": e.URL, "SMP_API_KEY": "0123456789abcdef", "SMP_STATE_DIR": t.TempDir(), "SMP_CONFIG": os.DevNull,
	}, args...)
}

func runWith(t *testing.T, stdin string, environment map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, talk bytes.Buffer
	env := Env{
		Stdin: strings.NewReader(stdin), Stdout: term.Stream{Writer: &out}, Stderr: term.Stream{Writer: &talk},
		Lookup: func(name string) string { return environment[name] },
	}
	code = Main(context.Background(), args, env)
	return code, out.String(), talk.String()
}

// The want of each case is what an echo server saw of curl 7.88.1 with the same
// arguments (--json-body being its --json). Its Accept and User-Agent are left out.
// Only the Expect of a body without length is our own: an early refusal is not lost
// then.
func TestParityWithCurl(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{"lines": "a\r\nb\n", "headers": "X-One: 1\r\nX-Two: 2\n\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	basic := func(user string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(user)) }
	type h = map[string]string
	const form = "application/x-www-form-urlencoded"
	for _, tt := range []struct {
		args []string
		want seen
	}{
		{[]string{"http://t/p?q#f"}, seen{"GET", "http://t/p?q", h{}, ""}},
		{[]string{"t/a/../b"}, seen{"GET", "http://t/b", h{}, ""}},
		{[]string{"-XPUT", "t"}, seen{"PUT", "http://t/", h{}, ""}},
		{[]string{"-X", "x-own", "t"}, seen{"x-own", "http://t/", h{}, ""}},
		{[]string{"-I", "t"}, seen{"HEAD", "http://t/", h{}, ""}},
		{[]string{"-d", "a=1", "t"}, seen{"POST", "http://t/", h{"Content-Type": form}, "a=1"}},
		{[]string{"-da=1", "-d", "b", "t"}, seen{"POST", "http://t/", h{"Content-Type": form}, "a=1&b"}},
		{[]string{"-d", "", "t"}, seen{"POST", "http://t/", h{"Content-Type": form}, ""}},
		{[]string{"-d", "@" + dir + "/lines", "--data-binary", "@" + dir + "/lines", "t"}, seen{"POST", "http://t/", h{"Content-Type": form}, "ab&a\r\nb\n"}},
		{[]string{"-d@-", "t"}, seen{"POST", "http://t/", h{"Content-Type": form}, "stdin"}},
		{[]string{"--data-urlencode", "n=x y&", "t"}, seen{"POST", "http://t/", h{"Content-Type": form}, "n=x+y%26"}},
		{[]string{"-X", "GET", "-d", "x", "t"}, seen{"GET", "http://t/", h{"Content-Type": form}, "x"}},
		{[]string{"-d", "x", "-H", "Content-Type: text/x", "t"}, seen{"POST", "http://t/", h{"Content-Type": "text/x"}, "x"}},
		{[]string{"-d", "x", "-H", "Content-Type:", "t"}, seen{"POST", "http://t/", h{}, "x"}},
		{[]string{"-d", "x", "-H", "Transfer-Encoding: chunked", "t"}, seen{"POST", "http://t/", h{"Content-Type": form, "Transfer-Encoding": "chunked", "Expect": "100-continue"}, "x"}},
		{[]string{"-X", "POST", "-H", "Content-Length: 0", "t"}, seen{"POST", "http://t/", h{}, ""}},
		{[]string{"-G", "-d", "a=1", "-d", "b", "t/?q"}, seen{"GET", "http://t/?q&a=1&b", h{}, ""}},
		{[]string{"-G", "-d", "a=1", "t"}, seen{"GET", "http://t/?a=1", h{}, ""}},
		{[]string{"-G", "-d", "a", "t/x?"}, seen{"GET", "http://t/x?a", h{}, ""}},
		{[]string{"-GI", "-d", "a", "t"}, seen{"HEAD", "http://t/?a", h{}, ""}},
		{[]string{"-G", "-XPOST", "-d", "a", "t"}, seen{"POST", "http://t/?a", h{}, ""}},
		{[]string{"--json-body", "{}", "t"}, seen{"POST", "http://t/", h{"Content-Type": "application/json", "Accept": "application/json"}, "{}"}},
		{[]string{"--json-body", "{}", "-H", "Accept: x", "t"}, seen{"POST", "http://t/", h{"Content-Type": "application/json", "Accept": "x"}, "{}"}},
		{[]string{"-H", "X-A: 1", "-H", "X-A: 2, 3", "-H", "X-E;", "t"}, seen{"GET", "http://t/", h{"X-A": "1 | 2, 3", "X-E": ""}, ""}},
		{[]string{"-H", "@" + dir + "/headers", "t"}, seen{"GET", "http://t/", h{"X-One": "1", "X-Two": "2"}, ""}},
		{[]string{"-H", "User-Agent:", "-H", "Accept:", "t"}, seen{"GET", "http://t/", h{}, ""}},
		{[]string{"-A", "me", "-e", "http://from/", "t"}, seen{"GET", "http://t/", h{"User-Agent": "me", "Referer": "http://from/"}, ""}},
		{[]string{"-A", "", "-e", "", "t"}, seen{"GET", "http://t/", h{}, ""}},
		{[]string{"-A", "me", "-H", "user-agent: you", "t"}, seen{"GET", "http://t/", h{"User-Agent": "you"}, ""}},
		{[]string{"-u", "n:p:q", "t"}, seen{"GET", "http://t/", h{"Authorization": basic("n:p:q")}, ""}},
		{[]string{"-u", "n:", "t"}, seen{"GET", "http://t/", h{"Authorization": basic("n:")}, ""}},
		{[]string{"http://n:p%40@t/"}, seen{"GET", "http://t/", h{"Authorization": basic("n:p@")}, ""}},
		{[]string{"-u", "a:b", "http://n:p@t/"}, seen{"GET", "http://t/", h{"Authorization": basic("a:b")}, ""}},
		{[]string{"-u", "a:b", "-H", "Authorization: mine", "t"}, seen{"GET", "http://t/", h{"Authorization": "mine"}, ""}},
		{[]string{"-b", "a=1; b=2", "t"}, seen{"GET", "http://t/", h{"Cookie": "a=1; b=2"}, ""}},
		{[]string{"-b", "a=1", "-H", "Cookie: z=9", "t"}, seen{"GET", "http://t/", h{"Cookie": "z=9"}, ""}},
	} {
		e := newEcho(t)
		code, stdout, stderr := e.smp(t, "std\nin", append([]string{"fetch"}, tt.args...)...)
		if code != 0 || stderr != "" {
			t.Errorf("%q: exit code %d, stderr %q, stdout %q", tt.args, code, stderr, stdout)
			continue
		}
		if diff := cmp.Diff([]seen{tt.want}, e.requests, cmp.AllowUnexported(seen{})); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", tt.args, diff)
		}
	}
}
