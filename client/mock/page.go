package mock

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"net/http"
	"strings"
)

//go:embed page/page.html page/page.css page/page.js
var pageFiles embed.FS

// pageHandler answers with the live page of the mock: one document that loads
// nothing else and asks its own origin alone, for state, journal and verdict
// beside it. It is to be mounted at /_mock/.
func pageHandler() http.Handler {
	page, policy := buildPage()
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
		h.Set("Cache-Control", "no-store")
		_, _ = w.Write(page)
	})
}

// buildPage puts style and script into the document, and allows exactly these
// by their digests: whatever else got into it would not run.
func buildPage() (page []byte, policy string) {
	style, script := pageFile("page/page.css"), pageFile("page/page.js")
	document := strings.NewReplacer("{{style}}", style, "{{script}}", script).Replace(pageFile("page/page.html"))
	policy = "default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" +
		"; style-src " + digest(style) + "; script-src " + digest(script)
	return []byte(document), policy
}

func pageFile(name string) string {
	b, err := pageFiles.ReadFile(name)
	if err != nil {
		panic("mock: the page was built without " + name)
	}
	return string(b)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
