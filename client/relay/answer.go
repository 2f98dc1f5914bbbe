package relay

import (
	"html"
	"math"
	"net/http"
	"strconv"
	"strings"
)

// Explanation tells a person of a failure: one line each, without line breaks.
type Explanation struct {
	ExitCode int // of a command that fails so
	Message  string
	Hints    []string // what to type next
}

// answer tells the client of a failure, in the words of e.
func (f *failure) answer(w http.ResponseWriter, r *http.Request, e Explanation) {
	h := w.Header()
	h.Set("Proxy-Status", f.proxyStatus())
	if f.name != "" {
		h.Set(f.name, f.code)
	}
	if f.retryAfter > 0 {
		h.Set("Retry-After", strconv.FormatFloat(math.Ceil(f.retryAfter.Seconds()), 'f', 0, 64))
	}
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	body := e.text()
	if strings.Contains(r.Header.Get("Accept"), "text/html") {
		h.Set("Content-Type", "text/html; charset=utf-8")
		body = e.page(f.status)
	} else {
		h.Set("Content-Type", "text/plain; charset=utf-8")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(f.status)
	_, _ = w.Write([]byte(body))
}

// text is one line for programs: most of them show the first only.
func (e Explanation) text() string {
	return "smp: " + strings.Join(append([]string{e.Message}, e.Hints...), "; ") + "\n"
}

func (e Explanation) page(status int) string {
	var b strings.Builder
	title := strconv.Itoa(status) + " from smp relay"
	b.WriteString("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + title + "</title></head>\n<body>\n")
	b.WriteString("<h1>" + title + "</h1>\n<p>" + html.EscapeString(e.Message) + "</p>\n")
	for _, hint := range e.Hints {
		b.WriteString("<pre>" + html.EscapeString(hint) + "</pre>\n")
	}
	b.WriteString("</body></html>\n")
	return b.String()
}
