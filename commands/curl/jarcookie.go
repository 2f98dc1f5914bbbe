package curl

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"
)

type jarCookie struct {
	name, value string
	domain      string // lower case, without a leading dot
	subdomains  bool   // sent to hosts below domain too
	path        string
	secure      bool // sent over https only
	httpOnly    bool
	expires     time.Time // zero: until the browser closes (session cookie)

	loaded bool   // from a file: never evicted
	set    uint64 // when it was first set, in the jar's count
	used   uint64 // when it was last set or sent
}

// cookieKey is what makes two cookies one.
type cookieKey struct {
	name, domain, path string
	subdomains         bool
}

func (c *jarCookie) key() cookieKey { return cookieKey{c.name, c.domain, c.path, c.subdomains} }

// newJarCookie makes the cookie that an answer from u sets, if it may.
func newJarCookie(u *url.URL, set *http.Cookie, now time.Time) (*jarCookie, bool) {
	c := &jarCookie{name: set.Name, value: set.Value, path: set.Path, secure: set.Secure, httpOnly: set.HttpOnly, expires: expiry(set, now)}
	if !strings.HasPrefix(c.path, "/") {
		c.path = defaultPath(u.EscapedPath())
	}
	var ok bool
	c.domain, c.subdomains, ok = cookieDomain(canonicalHost(u), set.Domain)
	if !ok || c.secure && u.Scheme != "https" || !c.keepsPrefix(set) {
		return c, false
	}
	return c, true
}

// keepsPrefix holds the promises that a name beginning with __Secure- or __Host-
// makes (RFC 6265bis, section 4.1.3).
func (c *jarCookie) keepsPrefix(set *http.Cookie) bool {
	name := strings.ToLower(c.name)
	switch {
	case strings.HasPrefix(name, "__secure-"):
		return c.secure
	case strings.HasPrefix(name, "__host-"):
		return c.secure && c.path == "/" && set.Domain == ""
	}
	return true
}

func expiry(set *http.Cookie, now time.Time) time.Time {
	switch {
	case set.MaxAge < 0:
		return time.Unix(1, 0)
	case set.MaxAge > 0:
		return now.Add(min(time.Duration(set.MaxAge), maxAge) * time.Second)
	}
	return set.Expires
}

// maxAge in seconds bounds Max-Age, so that the sum with now stays a time: 400
// days, as browsers have it.
const maxAge = 400 * 24 * 60 * 60

// cookieDomain is the domain a cookie of host is for, and whether hosts below it
// get the cookie too.
func cookieDomain(host, attribute string) (domain string, subdomains, ok bool) {
	domain = strings.TrimPrefix(attribute, ".")
	switch {
	case domain == "" || domain == host && (isIP(host) || isPublicSuffix(host)):
		return host, false, true
	case !belongsTo(host, domain) || isPublicSuffix(domain):
		return "", false, false
	}
	return domain, true, true
}

func isPublicSuffix(domain string) bool {
	suffix, _ := publicsuffix.PublicSuffix(domain)
	return suffix == domain
}

func (c *jarCookie) goesTo(host, path string) bool {
	if host != c.domain && !(c.subdomains && belongsTo(host, c.domain)) {
		return false
	}
	if path == "" {
		path = "/"
	}
	rest, ok := strings.CutPrefix(path, c.path)
	return ok && (rest == "" || strings.HasSuffix(c.path, "/") || rest[0] == '/')
}

func (c *jarCookie) expired(now time.Time) bool {
	return !c.expires.IsZero() && !c.expires.After(now)
}

// belongsTo reports whether host is domain or a host below it.
func belongsTo(host, domain string) bool {
	return host == domain || !isIP(host) && strings.HasSuffix(host, "."+domain)
}

func isIP(host string) bool { return net.ParseIP(host) != nil }

func canonicalHost(u *url.URL) string {
	return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
}

// defaultPath is the directory of a request's path (RFC 6265, section 5.1.4).
func defaultPath(path string) string {
	end := strings.LastIndexByte(path, '/')
	if end <= 0 {
		return "/"
	}
	return path[:end]
}

// site is the registrable domain of a host, or the host where it has none. All cookies
// that go to a host, or that it may set, are of one site.
func site(host string) string {
	if isIP(host) {
		return host
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return host
	}
	return domain
}
