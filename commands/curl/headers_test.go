package curl

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHeaderLines(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		lines []string
		want  http.Header
	}{
		{"none", nil, http.Header{}},
		{"one", []string{"X-A: 1"}, http.Header{"X-A": {"1"}}},
		{"no space, spaces, tabs", []string{"A:1", "B:   2  ", "C:\t3"}, http.Header{"A": {"1"}, "B": {"2"}, "C": {"3"}}},
		{"a comma is no separator", []string{"Accept: a, b"}, http.Header{"Accept": {"a, b"}}},
		{"a colon in the value", []string{"X: a:b"}, http.Header{"X": {"a:b"}}},
		{"twice", []string{"X: 1", "X: 2"}, http.Header{"X": {"1", "2"}}},
		{"twice, spelt differently", []string{"x-a: 1", "X-A: 2"}, http.Header{"x-a": {"1", "2"}}},
		{"the case is kept", []string{"x-lower: 1", "X-UPPER: 2"}, http.Header{"x-lower": {"1"}, "X-UPPER": {"2"}}},
		{
			"but for headers with a meaning here",
			[]string{"user-agent: a", "HOST: b", "content-TYPE: c", "x-crawlera-session: d"},
			http.Header{"User-Agent": {"a"}, "Host": {"b"}, "Content-Type": {"c"}, "X-Crawlera-Session": {"d"}},
		},
		{"removed", []string{"User-Agent:", "Accept: "}, http.Header{"User-Agent": nil, "Accept": nil}},
		{"removing what was given leaves it, as in curl", []string{"X: 1", "X:"}, http.Header{"X": {"1"}}},
		{"empty", []string{"X;", "Y; "}, http.Header{"X": {""}, "Y": {""}}},
		{"a semicolon in the value", []string{"X: a;b"}, http.Header{"X": {"a;b"}}},
		{"bytes beyond ASCII", []string{"X: ü"}, http.Header{"X": {"ü"}}},
	} {
		got, err := headerLines(tt.lines)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		} else if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", tt.name, diff)
		}
	}
}

func TestHeaderLinesRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ line, says string }{
		{"", "not a header"},
		{"no colon", "not a header"},
		{"X;y", "not a header"},
		{": value", "not a header name"},
		{";", "not a header name"},
		{"A B: 1", "not a header name"},
		{"Ü: 1", "not a header name"},
		{"X: a\nY: b", "line end"},
		{"X: a\r", "line end"},
		{"X\n: a", "line end"},
		{"X: a\x00", "NUL"},
		{"X: a\x1bb", "control"},
		{"proxy-authorization: Basic x", "API key"},
		{"Proxy-Authorization:", "API key"},
	} {
		got, err := headerLines([]string{tt.line})
		if err == nil {
			t.Errorf("%q: got %v, want an error", tt.line, got)
		} else if !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%q: got %q, want it to say %q", tt.line, err, tt.says)
		}
	}
}
