package batch

import (
	"io/fs"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestBodyName(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long/", 40)
	tests := map[string]string{
		"http://shop.com/":                    "000007-shop.com",
		"http://shop.com/a/b.html?key=secret": "000007-shop.com_a_b.html",
		"http://user:pass@shop.com:8080/x":    "000007-shop.com_x",
		"http://shop.com/../../etc/passwd":    "000007-shop.com_.._.._etc_passwd",
		"http://shop.com/%2e%2e%2f%00":        "000007-shop.com",
		"http://shop.com/é/日本":                "000007-shop.com",
		"http://[::1]/x":                      "000007-1_x",
		"http://shop.com/" + long + "p.html":  "000007-shop.com_" + strings.Repeat("long_", 13) + "l.html",
		"://":                                 "000007",
		"":                                    "000007",
	}
	for url, want := range tests {
		got := bodyName(&Line{Number: 7}, url)
		if got != want {
			t.Errorf("%q: %q, want %q", url, got, want)
		}
	}
	if got := bodyName(&Line{Number: 12345678}, "http://a/"); got != "12345678-a" {
		t.Errorf("a long number: %q", got)
	}
}

// No URL can make a name that leads anywhere, that is hidden, or that another line
// has.
func TestBodyNameIsAlwaysAPlainName(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		url := "http://" + rapid.String().Draw(t, "url")
		number := rapid.IntRange(1, 1<<40).Draw(t, "number")
		name := bodyName(&Line{Number: number}, url)
		if !fs.ValidPath(name) || strings.ContainsAny(name, `/\:*?"<>|`) || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || len(name) > 120 {
			t.Fatalf("%q becomes %q", url, name)
		}
		if other := bodyName(&Line{Number: number + 1}, url); strings.EqualFold(name, other) {
			t.Fatalf("two lines are %q", name)
		}
	})
}
