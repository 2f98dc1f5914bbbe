package relay

import (
	"cmp"
	"net/http"
	"net/textproto"
	"strings"
)

// hopByHop concern one connection, not what is asked for (RFC 9110, section 7.6.1).
var hopByHop = []string{"Connection", "Keep-Alive", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}

// stripHops removes what ends at a proxy: hop-by-hop headers, those that Connection
// names, and all that begins with Proxy-.
func stripHops(h http.Header) {
	for _, value := range h["Connection"] {
		for name := range strings.SplitSeq(value, ",") {
			h.Del(textproto.TrimString(name))
		}
	}
	for _, name := range hopByHop {
		delete(h, name)
	}
	for name := range h {
		if strings.HasPrefix(name, "Proxy-") {
			delete(h, name)
		}
	}
}

// browserHeaders are those that the service sets itself with a profile (documented:
// the profile header's page).
var browserHeaders = []string{"Accept", "Accept-Language", "Dnt", "Upgrade-Insecure-Requests", "User-Agent"}

const (
	headerProfile = "X-Crawlera-Profile"
	headerDevice  = "Zyte-Device" // the same of Zyte API
)

// outgoing makes the header that goes to the service of a client's. It leaves out
// what ends here, and adds the service's headers that were asked for of all
// requests, where the request has none of its own.
func outgoing(client, service http.Header) http.Header {
	h := client.Clone()
	stripHops(h)
	delete(h, headerSession)
	for name, values := range service {
		if _, own := h[http.CanonicalHeaderKey(name)]; !own {
			h[name] = values
		}
	}
	if profile := cmp.Or(h.Get(headerProfile), h.Get(headerDevice)); profile == "desktop" || profile == "mobile" {
		for _, name := range browserHeaders {
			delete(h, name)
		}
	}
	// What the client did not send is not added.
	for _, name := range []string{"User-Agent", "Accept", "Accept-Encoding"} {
		if _, there := h[name]; !there {
			h[name] = nil
		}
	}
	return h
}

// incoming copies into to what the client sees of an answer's header. What the service
// says could be read by the scripts of a page.
func incoming(to, answer http.Header, expose bool) {
	for name, values := range answer {
		if expose || !ofService(name) {
			to[name] = values
		}
	}
	stripHops(to)
}

// ofService reports whether a header is one of the service's, however it is spelt.
func ofService(name string) bool {
	for _, prefix := range []string{"X-Crawlera-", "Zyte-"} {
		if len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) {
			return true
		}
	}
	return false
}

// isUpgrade reports whether a request asks for another protocol. One that offers HTTP/2
// over plain TCP, as Java does, goes on without.
func isUpgrade(h http.Header) bool {
	protocol := h.Get("Upgrade")
	return protocol != "" && !strings.EqualFold(protocol, "h2c")
}
