package client

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestResponseCookies(t *testing.T) {
	t.Parallel()
	const long = "1234567890123456789012345678901234567890123456789012345678901234"
	for line, want := range map[string]string{
		"a=b":                                    "a=b",
		" a = b c ; x":                           "a=b c",
		"a=":                                     "a=",
		"a==b":                                   "a==b",
		`a="b; c"`:                               `a="b`,
		"user[name]=bob":                         "user[name]=bob",
		`prefs={"lang":"en"}`:                    `prefs={"lang":"en"}`,
		"city=M\u00fcnchen":                      "city=M\u00fcnchen",
		"a=\xff":                                 "a=\xff",
		"=b":                                     "",
		"b":                                      "",
		"":                                       "",
		"; Path=/":                               "",
		"a=b\x01":                                "",
		"a=b\tc":                                 "",
		"a=" + strings.Repeat(long, 63):          "a=" + strings.Repeat(long, 63),
		"a=" + strings.Repeat(long, 64):          "",
		"a=b; Path=/p; Path=/q":                  "a=b path=/q",
		"a=b; Path=/p; Path=q":                   "a=b",
		"a=b; PATH = /p ":                        "a=b path=/p",
		"a=b; Path=/" + long:                     "a=b path=/" + long,
		"a=b; Path=/" + strings.Repeat(long, 16): "a=b",
		"a=b; Domain=.A.Example":                 "a=b domain=a.example",
		"a=b; Domain=B\u00fccher.example":        "a=b domain=xn--bcher-kva.example",
		"a=b; Domain=":                           "a=b",
		"a=b; Domain=x.example; Domain=":         "a=b domain=x.example",
		"a=b; secure=no; HTTPONLY":               "a=b secure httponly",
		"a=b; Max-Age=0":                         "a=b age=-1",
		"a=b; Max-Age=-5":                        "a=b age=-1",
		"a=b; Max-Age=60":                        "a=b age=60",
		"a=b; Max-Age=1.5":                       "a=b",
		"a=b; Max-Age=":                          "a=b",
		"a=b; Max-Age=-":                         "a=b",
		"a=b; Max-Age=99999999999999999999":      "a=b age=2147483647",
		"a=b; Expires=Thu, 1 Jan 1970 00:00:00 GMT": "a=b expires=1970-01-01T00:00:00Z",
		"a=b; Expires=0": "a=b",
		"a=b; Expires=soon; Expires=Fri, 07 Aug 2099 08:04:19 GMT": "a=b expires=2099-08-07T08:04:19Z",
	} {
		cookies := (&Response{Header: http.Header{"Set-Cookie": {line}}}).Cookies()
		got := ""
		for _, c := range cookies {
			got = describe(c)
		}
		if got != want || len(cookies) > 1 {
			t.Errorf("%.100q: %.100q, want %.100q", line, got, want)
		}
	}
}

func describe(c *http.Cookie) string {
	s := c.Name + "=" + c.Value
	if c.Path != "" {
		s += " path=" + c.Path
	}
	if c.Domain != "" {
		s += " domain=" + c.Domain
	}
	if c.Secure {
		s += " secure"
	}
	if c.HttpOnly {
		s += " httponly"
	}
	if c.MaxAge != 0 {
		s += " age=" + strconv.Itoa(c.MaxAge)
	}
	if !c.Expires.IsZero() {
		s += " expires=" + c.Expires.Format(time.RFC3339)
	}
	return s
}

// Dates as http-state's tests, curl's and servers in the wild have them.
func TestCookieDate(t *testing.T) {
	t.Parallel()
	for date, want := range map[string]string{
		"Thu, 01 Jan 1970 00:00:00 GMT":           "1970-01-01T00:00:00Z",
		"Thu, 1 Jan 1970 00:00:00 GMT":            "1970-01-01T00:00:00Z",
		"Thu, 01-Jan-70 00:00:01 GMT":             "1970-01-01T00:00:01Z",
		"Thu Jan  1 00:00:00 1970":                "1970-01-01T00:00:00Z",
		"Thu Jan 01 1970 00:00:00 GMT+0000":       "1970-01-01T00:00:00Z",
		"Thu Jan 01 1970 00:00:00 GMT+0000 (UTC)": "1970-01-01T00:00:00Z",
		"Fri, 07 Aug 2007 08:04:19 GMT":           "2007-08-07T08:04:19Z",
		"Friday, 07-Aug-07 08:04:19 GMT":          "2007-08-07T08:04:19Z",
		"07 aug 69 8:4:9":                         "2069-08-07T08:04:09Z",
		"08:04:19 07 AUGUST 2099 whatever":        "2099-08-07T08:04:19Z",
		"2099 07 Aug 08:04:19":                    "2099-08-07T08:04:19Z",
		"Mon, 10-Dec-2007 17:02:24 GMT":           "2007-12-10T17:02:24Z",
		"Wed, 09 Dec 2009 16:27:23 GMT; x":        "2009-12-09T16:27:23Z",
		"Thu,01Jan1970 00:00:00 GMT":              "",
		"Mon, 29 Feb 2100 00:00:00 GMT":           "",
		"Thu, 32 Jan 2030 00:00:00 GMT":           "",
		"Thu, 0 Jan 2030 00:00:00 GMT":            "",
		"Thu, 01 Jan 1600 00:00:00 GMT":           "",
		"Thu, 01 Jan 2030 24:00:00 GMT":           "",
		"Thu, 01 Jan 2030 00:60:00 GMT":           "",
		"Thu, 01 Jan 2030 00:00:60 GMT":           "",
		"Thu, 01 Jan 2030 00:00 GMT":              "",
		"Thu, 01 Jan 20300 00:00:00 GMT":          "",
		"Thu, 01 January":                         "",
		"2030-01-01T00:00:00Z":                    "",
		"0":                                       "",
		"":                                        "",
	} {
		at, ok := parseCookieDate(date)
		got := ""
		if ok {
			got = at.Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", date, got, want)
		}
	}
}
