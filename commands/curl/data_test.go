package curl

import (
	"strings"
	"testing"
)

// What curl 7.88 sends for the same arguments, seen by an echo server.
func TestDataBody(t *testing.T) {
	t.Parallel()
	lines := file(t, "a\r\nb\n")
	words := file(t, "hello world")
	for _, tt := range []struct {
		name string
		data []Datum
		want string
	}{
		{"plain", []Datum{{"-d", "a=1"}}, "a=1"},
		{"empty", []Datum{{"-d", ""}}, ""},
		{"joined", []Datum{{"-d", "a=1"}, {"--data-raw", "b"}, {"--data-binary", "c"}}, "a=1&b&c"},
		{"an empty one is joined too", []Datum{{"-d", "a"}, {"-d", ""}, {"-d", "b"}}, "a&&b"},
		{"a file loses its line ends", []Datum{{"-d", "@" + lines}}, "ab"},
		{"but not with --data-binary", []Datum{{"--data-binary", "@" + lines}}, "a\r\nb\n"},
		{"--data-raw knows no files", []Datum{{"--data-raw", "@" + lines}}, "@" + lines},
		{"text keeps its line ends", []Datum{{"-d", "a\nb"}}, "a\nb"},
		{"urlencode: content", []Datum{{"--data-urlencode", "a b&c"}}, "a+b%26c"},
		{"urlencode: =content", []Datum{{"--data-urlencode", "=a b"}}, "a+b"},
		{"urlencode: name=content", []Datum{{"--data-urlencode", "n m=x y&="}}, "n m=x+y%26%3D"},
		{"urlencode: the = wins over the @", []Datum{{"--data-urlencode", "a@b=c d"}}, "a@b=c+d"},
		{"urlencode: @file", []Datum{{"--data-urlencode", "@" + words}}, "hello+world"},
		{"urlencode: name@file", []Datum{{"--data-urlencode", "n@" + words}}, "n=hello+world"},
		{"urlencode: unreserved stay", []Datum{{"--data-urlencode", "aZ0-._~*"}}, "aZ0-._~%2A"},
		{"urlencode: bytes", []Datum{{"--data-urlencode", "ü\n"}}, "%C3%BC%0A"},
		{"documents are joined by nothing", []Datum{{"--json-body", `{"a":1}`}, {"--json-body", `{"b":2}`}}, `{"a":1}{"b":2}`},
		{"a document from a file", []Datum{{"--json-body", "@" + lines}}, "a\r\nb\n"},
	} {
		b, err := dataBody(tt.data, stdinOf(""))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := readAll(t, b); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
		if b.size() != int64(len(tt.want)) {
			t.Errorf("%s: size %d, want %d", tt.name, b.size(), len(tt.want))
		}
	}
}

func TestDataBodyOfStdin(t *testing.T) {
	t.Parallel()
	b, err := dataBody([]Datum{{"-d", "a=1"}, {"-d", "@-"}}, stdinOf("b=\n2\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, b); got != "a=1&b=2" {
		t.Errorf("got %q", got)
	}
}

func TestDataBodyRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		data []Datum
		says string
	}{
		{[]Datum{{"-d", "a"}, {"--json-body", "{}"}}, "--json-body does not go with -d"},
		{[]Datum{{"--json-body", "{}"}, {"--data-raw", "a"}}, "--json-body does not go with --data-raw"},
		{[]Datum{{"-d", "@/not/there"}}, "-d @/not/there"},
		{[]Datum{{"-d", "@"}}, "names no file"},
		{[]Datum{{"--data-urlencode", "n@/not/there"}}, "--data-urlencode @/not/there"},
		{[]Datum{{"-d", "@-"}, {"-d", "@-"}}, "standard input"},
	} {
		_, err := dataBody(tt.data, stdinOf("x"))
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%v: got %v, want it to say %q", tt.data, err, tt.says)
		}
	}
}

func TestQueryData(t *testing.T) {
	t.Parallel()
	got, err := queryData([]Datum{{"-d", "a=1"}, {"--data-urlencode", "b=x y"}, {"-d", "ü"}}, stdinOf(""))
	if err != nil || got != "a=1&b=x+y&%C3%BC" {
		t.Errorf("got %q, %v", got, err)
	}
	for _, bad := range []string{"a b", "a\nb", "a#b"} {
		if got, err := queryData([]Datum{{"-d", bad}}, stdinOf("")); err == nil {
			t.Errorf("%q: got %q, want an error", bad, got)
		}
	}
	if _, err := queryData([]Datum{{"-d", strings.Repeat("x", maxSpool+1)}}, stdinOf("")); err == nil {
		t.Error("a query larger than memory should hold was taken")
	}
}
