package mock

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// zyteAsked is what the control headers of one request ask of Zyte API.
type zyteAsked struct {
	directives
	follow  bool // redirects
	browser bool
}

// zyteHeaders are the control headers that mean something, with how their values
// are read. Others below Zyte- are ignored.
var zyteHeaders = []struct {
	name string
	read func(a *zyteAsked, value string) bool
}{
	{"Zyte-Session-ID", func(a *zyteAsked, v string) bool { a.session, a.hasSession = v, true; return isUUID4(v) }},
	{"Zyte-Device", func(a *zyteAsked, v string) bool { return choose(&a.profile, v, "desktop", "mobile") }},
	{"Zyte-Override-Headers", func(a *zyteAsked, v string) bool { a.profilePass = append(a.profilePass, list(v)...); return true }},
	{"Zyte-Cookie-Management", func(a *zyteAsked, v string) bool { return readCookieManagement(a, v, "auto", "discard") }},
	{"Zyte-Disable-Follow-Redirect", func(a *zyteAsked, v string) bool {
		a.follow = v != "true"
		return v == "true" || v == "false"
	}},
	{"Zyte-Browser-Html", func(a *zyteAsked, v string) bool { a.browser = v == "true"; return v == "true" || v == "false" }},
	{"Zyte-Geolocation", func(_ *zyteAsked, v string) bool { return isCountry(v) }},
	{"Zyte-IPType", func(_ *zyteAsked, v string) bool { return v == "datacenter" || v == "residential" }},
	{"Zyte-Tags", func(_ *zyteAsked, v string) bool { return isTags(v) }},
	{"Zyte-JobId", func(_ *zyteAsked, v string) bool { return v != "" && len(v) <= 100 }},
}

// translatedHeaders are the six of Smart Proxy Manager that proxy mode still takes.
// Of its other headers it takes no notice.
var translatedHeaders = []struct {
	name string
	read func(a *zyteAsked, value string) bool
}{
	{"X-Crawlera-Session", func(a *zyteAsked, v string) bool { a.session, a.hasSession = v, true; return true }},
	{"X-Crawlera-Profile", func(a *zyteAsked, v string) bool {
		return choose(&a.profile, v, "desktop", "mobile", "pass")
	}},
	{"X-Crawlera-Profile-Pass", func(a *zyteAsked, v string) bool { a.profilePass = append(a.profilePass, list(v)...); return true }},
	{"X-Crawlera-Cookies", func(a *zyteAsked, v string) bool {
		return readCookieManagement(a, v, cookiesEnable, cookiesDisable, cookiesDiscard)
	}},
	{"X-Crawlera-Region", func(_ *zyteAsked, v string) bool { return isCountry(v) }},
	{"X-Crawlera-JobId", func(_ *zyteAsked, v string) bool { return v != "" }},
}

// zyteAsked reads the control headers, or says why they are refused.
func (s *Server) zyteAsked(h http.Header) (zyteAsked, *refusal) {
	a := zyteAsked{follow: true}
	a.retries, a.timeout, a.profile = -1, maxTimeout, "desktop"
	a.cookies = cookiesEnable
	if _, own := first(h, "Cookie"); own {
		a.cookies = cookiesDisable // a client's cookies are all there are
	}
	for name := range h {
		if tellsClient(name) {
			return a, invalid("The header " + name + " tells the client's address.")
		}
	}
	for _, header := range slices.Concat(translatedHeaders, zyteHeaders) {
		value, given := first(h, header.name)
		if given && !header.read(&a, strings.TrimSpace(value)) {
			return a, invalid("The value of the header " + header.name + " is not valid.")
		}
	}
	if a.browser {
		if !a.follow {
			return a, invalid("Zyte-Disable-Follow-Redirect cannot be used with Zyte-Browser-Html.")
		}
	}
	a.protect(h)
	return a, nil
}

// protect keeps the three protected headers from the target, except those that the
// client wants overridden. Every other header of the client's is its own to choose.
func (a *zyteAsked) protect(h http.Header) {
	if !a.keeps(h, "Accept-Encoding") {
		a.acceptEncoding = "gzip"
	}
	a.profilePass = append(a.profilePass, "Accept-Language")
}

func readCookieManagement(a *zyteAsked, v string, among ...string) bool {
	if strings.EqualFold(v, cookiesDiscard) {
		a.cookies = cookiesDisable
	}
	return slices.Contains(among, strings.ToLower(v))
}

// tellsClient reports whether a header tells the client's address. The documentation
// lists fifteen; these are the ones that are known by name or by family.
func tellsClient(name string) bool {
	switch name {
	case "Via", "Forwarded-For", "X-Client-Ip":
		return true
	}
	return strings.HasPrefix(name, "X-Forwarded-") || strings.HasPrefix(name, "X-Remote-")
}

const maxTags = 512

func isTags(v string) bool {
	var tags map[string]any
	return len(v) < maxTags && !strings.ContainsFunc(v, func(r rune) bool { return r > 0x7e }) && json.Unmarshal([]byte(v), &tags) == nil
}

// isUUID4 reports whether v is a UUID of version 4, in its usual form.
func isUUID4(v string) bool {
	if len(v) != 36 || v[14] != '4' || !strings.ContainsRune("89abAB", rune(v[19])) {
		return false
	}
	for i, r := range v {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (r == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", r) {
			return false
		}
	}
	return true
}

// zyteOversized counts as proxy mode was seen to count: name, value, and four
// bytes a line.
func zyteOversized(r *http.Request) bool {
	n := len("Host") + len(r.Host) + 4
	for name, values := range r.Header {
		for _, value := range values {
			n += len(name) + len(value) + 4
		}
	}
	return n > maxHeader
}
