package commands

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"smp/client"

	"github.com/google/go-cmp/cmp"

	"smp/client/batch"
	"smp/commands/config"
	"smp/commands/curl"
	"smp/commands/term"
)

// sentFor makes the request of a line of JSON or text.
func sentFor(t *testing.T, flags *curl.Options, line string) (method, url, body string, header http.Header, err error) {
	t.Helper()
	template, err := curl.Parse(flags, curl.NewGuard("secretkey"), term.NewStdin(nil))
	if err == nil {
		err = template.Read(term.NewStdin(nil))
	}
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := batch.NewReader(strings.NewReader(line)).Next()
	if err != nil || parsed.Err != nil {
		t.Fatal(err, parsed.Err)
	}
	req, err := lineRequest(template, &config.Settings{Service: client.SPM}, parsed)
	if err != nil {
		return "", "", "", nil, err
	}
	if req.Body != nil {
		r, err := req.Body()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil || int64(len(text)) != req.Length {
			t.Errorf("a body of %d bytes, said to be %d, %v", len(text), req.Length, err)
		}
		body = string(text)
	}
	return req.Method, req.URL.String(), body, req.Header, nil
}

func TestLineWinsOverFlags(t *testing.T) {
	t.Parallel()
	flags := &curl.Options{Headers: []string{"X-A: flag", "X-B: flag"}, Data: []curl.Datum{{Flag: "-d", Value: "flag=1"}}}
	method, url, body, header, err := sentFor(t, flags, `{"url":"a.com","method":"PUT","headers":{"x-a":"line","X-B":null,"X-C":["1","2"]},"body":"line"}`)
	if err != nil || method != "PUT" || url != "http://a.com/" || body != "line" {
		t.Errorf("%s %s %q, %v", method, url, body, err)
	}
	if diff := cmp.Diff(http.Header{
		"X-A": {"line"}, "X-B": nil, "X-C": {"1", "2"}, "Content-Type": {"application/x-www-form-urlencoded"},
	}, header); diff != "" {
		t.Error(diff)
	}
	method, _, body, header, err = sentFor(t, flags, "http://a.com/")
	if err != nil || method != "POST" || body != "flag=1" || header.Get("X-A") != "flag" {
		t.Errorf("without a say: %s %q %v, %v", method, body, header, err)
	}
	if method, _, _, _, err = sentFor(t, &curl.Options{}, `{"url":"a.com","body":""}`); err != nil || method != "POST" {
		t.Errorf("a body without a method: %s, %v", method, err)
	}
}

func TestLinesThatCannotBeFetched(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"http://a b/":          "space",
		"ftp://a/":             "scheme",
		"http://secretkey:@a/": "API key",
		`{"url":"a","headers":{"X-K":"secretkey"}}`:         "API key",
		`{"url":"a","method":"secretkey"}`:                  "the method holds the API key",
		`{"url":"a","id":"a secretkey"}`:                    `the "id" holds the API key`,
		`{"url":"a","id":"\u0073ecretkey"}`:                 `the "id" holds the API key`,
		`{"url":"a","headers":{"X-Crawlera-Session":"1"}}`:  "pool's",
		`{"url":"a","headers":{"x-crawlera-region":"US"}}`:  "pool's",
		`{"url":"a","headers":{"Proxy-Authorization":"x"}}`: "made from the API key",
		`{"url":"a","headers":{"Content-Length":"3"}}`:      "follows from the body",
		`{"url":"a","headers":{"a b":"1"}}`:                 "not a header name",
		`{"url":"a","headers":{"a b":null}}`:                "not a header name",
		`{"url":"a","headers":{"A":"1\r\nB: 2"}}`:           "line end",
		`{"url":"a","method":"CONNECT"}`:                    "CONNECT",
		`{"url":"a","method":"GET "}`:                       "not a method",
	} {
		_, _, _, _, err := sentFor(t, &curl.Options{}, line)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", line, err, want)
		}
	}
}
