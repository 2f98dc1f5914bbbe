package term

import (
	"strings"
	"testing"
)

func TestTraceLine(t *testing.T) {
	t.Parallel()
	plain := newStyles(Stream{}, lookup())
	color := newStyles(Stream{Terminal: true}, lookup())
	const reset = "\x1b[0m"
	for line, painted := range map[string]string{
		"> GET http://a.example/ HTTP/1.1": "> \x1b[1mGET http://a.example/ HTTP/1.1",
		"> Accept: a:b":                    "> \x1b[36mAccept" + reset + ": a:b",
		"< HTTP/1.1 200 OK":                "< \x1b[1;32mHTTP/1.1 200 OK",
		"< HTTP/1.1 503 Service: late":     "< \x1b[1;31mHTTP/1.1 503 Service: late",
		"* connected":                      "\x1b[2m* connected",
		"other":                            "other",
	} {
		if got := plain.traceLine(line); got != line {
			t.Errorf("%q became %q in a pipe", line, got)
		}
		got := strings.Replace(color.traceLine(line), "\x1b[2m"+line[:1]+reset, line[:1], 1)
		if !strings.HasPrefix(got, painted) {
			t.Errorf("%q became %q, want %q", line, got, painted)
		}
	}
}
