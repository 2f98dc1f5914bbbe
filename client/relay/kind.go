package relay

import (
	"net/http"
	"path"
	"strings"
)

// Kind says what a client wants a request for. A page of fifty parts, each at the
// delay of a session, would take ten minutes, so parts need not go in the session.
type Kind int

// The kinds, in the order in which requests of one session are sent.
const (
	Page   Kind = iota // a document, or one in a frame
	Data               // what a page's script asks for, and all that no browser marks
	Static             // script, style, font, image, media, manifest
)

const kinds = 3

var kindNames = [kinds]string{"page", "data", "static"}

// String is the kind's name in logs and statistics.
func (k Kind) String() string { return kindNames[k] }

// KindOf tells the kind of a request: by Sec-Fetch-Dest, which browsers send over
// https alone, else by Accept and the extension of the path. A form that is sent asks
// for a page too; nothing but GET and HEAD asks for static files.
func KindOf(r *http.Request) Kind {
	if dest := r.Header.Get("Sec-Fetch-Dest"); dest != "" {
		return kindOfDest(strings.ToLower(dest))
	}
	accept := strings.ToLower(strings.TrimSpace(r.Header.Get("Accept")))
	switch {
	case strings.HasPrefix(accept, "text/html"):
		return Page
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return Data
	case strings.HasPrefix(accept, "image/"), strings.HasPrefix(accept, "text/css"):
		return Static
	case staticExtension(r.URL.Path):
		return Static
	}
	return Data
}

// kindOfDest reads a request's destination (Fetch standard, section 2.2.5).
func kindOfDest(dest string) Kind {
	switch dest {
	case "document", "iframe", "frame", "fencedframe":
		return Page
	case "script", "style", "font", "image", "audio", "video", "track", "manifest", "object", "embed",
		"worker", "sharedworker", "serviceworker", "audioworklet", "paintworklet", "xslt", "report":
		return Static
	}
	return Data // "empty" among them: fetch and XMLHttpRequest
}

// staticExtension recognises, where nothing better tells, files that pages are made
// of. Over http a browser's request for a script or a font looks like one for data.
func staticExtension(urlPath string) bool {
	switch strings.ToLower(path.Ext(urlPath)) {
	case ".css", ".less", ".js", ".mjs", ".cjs", ".map", ".wasm", ".webmanifest",
		".woff", ".woff2", ".ttf", ".otf", ".eot",
		".avif", ".bmp", ".gif", ".ico", ".jpeg", ".jpg", ".png", ".svg", ".webp",
		".m4s", ".mkv", ".mov", ".mp3", ".mp4", ".mpeg", ".mpg", ".ogg", ".wav", ".webm":
		return true
	}
	return false
}
