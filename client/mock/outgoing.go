package mock

import (
	"net/http"
	"slices"
	"strings"
)

// isControlHeader reports whether a header is for the service and not the target.
func isControlHeader(name string) bool {
	return strings.HasPrefix(name, "X-Crawlera-")
}

// ownsHeader says the same of the service that the mock is.
func (s *Server) ownsHeader(name string) bool {
	return isControlHeader(name) || s.cfg.isZyte() && strings.HasPrefix(name, "Zyte-")
}

func (s *Server) stripControl(h http.Header) {
	for name := range h {
		if s.ownsHeader(http.CanonicalHeaderKey(name)) {
			delete(h, name)
		}
	}
}

// hopByHop are the headers that a proxy does not forward.
var hopByHop = []string{"Connection", "Keep-Alive", "Te", "Trailer", "Upgrade"}

// targetHeader is the header as the target sees it: without the service's own
// headers and with the profile's. The cookies that the client asked for are
// in it.
func (f *fetch) targetHeader() http.Header {
	named := list(strings.Join(f.r.Header["Connection"], ","))
	out := make(http.Header, len(f.r.Header))
	for name, values := range f.r.Header {
		if f.s.ownsHeader(name) || strings.HasPrefix(name, "Proxy-") || slices.Contains(hopByHop, name) {
			continue
		}
		if len(named[0]) > 0 && slices.ContainsFunc(named, func(n string) bool { return strings.EqualFold(n, name) }) {
			continue
		}
		out[name] = slices.Clone(values)
	}
	f.want.applyProfile(out)
	if f.want.acceptEncoding != "" {
		out["Accept-Encoding"] = []string{f.want.acceptEncoding}
	}
	f.agent = out.Get("User-Agent")
	f.addCookies(out)
	return out
}

// profiles hold the headers of some browser. Those of the service vary.
var profiles = map[string]http.Header{
	"desktop": {
		"User-Agent":      {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"},
		"Accept":          {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
		"Accept-Language": {"en-US,en;q=0.9"},
	},
	"mobile": {
		"User-Agent":      {"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36"},
		"Accept":          {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
		"Accept-Language": {"en-US,en;q=0.9"},
	},
	"crawlera": {"User-Agent": {"Mozilla/5.0 (compatible; Crawlera/0.1; UID 1)"}},
}

// applyProfile sets the profile's headers. X-Crawlera-Profile overrides
// X-Crawlera-UA.
func (w directives) applyProfile(h http.Header) {
	if profile := profiles[w.profile]; profile != nil {
		for name, values := range profile {
			if !w.keeps(h, name) {
				h[name] = slices.Clone(values)
			}
		}
		return
	}
	if profile := profiles[w.userAgent]; profile != nil && w.profile == "" {
		h["User-Agent"] = slices.Clone(profile["User-Agent"])
	}
}

func (w directives) keeps(h http.Header, name string) bool {
	return len(h[name]) > 0 && slices.ContainsFunc(w.profilePass, func(p string) bool { return strings.EqualFold(p, name) })
}
