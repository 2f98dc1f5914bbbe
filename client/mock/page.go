package mock

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html"
	"net/http"
	"strings"
)

//go:embed page
var pageFiles embed.FS

// The parts of the page's style and of its script, in the order in which they
// are joined.
var (
	pageStyles  = []string{"base.css", "overview.css", "timeline.css", "tables.css", "phone.css"}
	pageScripts = []string{"dom.js", "words.js", "data.js", "timeline.js", "tables.js", "detail.js", "steer.js", "main.js"}
)

// pageHandler answers with the live page of the mock: one document that loads
// nothing else and asks its own origin alone, for what is beside it. It is to be
// mounted at /_mock/. Faults are the names that it offers.
func pageHandler(faults []string) http.Handler {
	page, policy := buildPage(faults)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "the page can only be read", http.StatusMethodNotAllowed)
			return
		}
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		_, _ = w.Write(page)
	})
}

// buildPage puts style and script into the document, and allows exactly these
// by their digests: whatever else got into it would not run.
func buildPage(faults []string) (page []byte, policy string) {
	style, script := joinPage(pageStyles), joinPage(pageScripts)
	document := strings.NewReplacer("{{style}}", style, "{{script}}", script, "{{faults}}", faultOptions(faults)).Replace(pageFile("page.html"))
	policy = "default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" +
		"; require-trusted-types-for 'script'; style-src " + digest(style) + "; script-src " + digest(script)
	return []byte(document), policy
}

// faultOptions are the names of faults as a form offers them.
func faultOptions(names []string) string {
	var options strings.Builder
	for _, name := range names {
		options.WriteString("<option>" + html.EscapeString(name) + "</option>")
	}
	return options.String()
}

func joinPage(names []string) string {
	var all strings.Builder
	for _, name := range names {
		all.WriteString(pageFile(name))
	}
	return all.String()
}

func pageFile(name string) string {
	b, err := pageFiles.ReadFile("page/" + name)
	if err != nil {
		panic("mock: the page was built without " + name)
	}
	return string(b)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
