package curl

import (
	"cmp"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"
)

// Jar keeps cookies as RFC 6265 says, with all that a Netscape cookie file holds of
// them; net/http/cookiejar cannot list what it keeps. The zero value is empty. A Jar
// is safe for concurrent use.
type Jar struct {
	mu      sync.Mutex
	cookies []jarCookie // in the order in which they were first set
}

type jarCookie struct {
	name, value string
	domain      string // lower case, without a leading dot
	subdomains  bool   // sent to hosts below domain too
	path        string
	secure      bool // sent over https only
	httpOnly    bool
	expires     time.Time // zero: with the session
}

// Cookies lists what goes to u: longer paths first, then in the order of setting.
func (j *Jar) Cookies(u *url.URL) []*http.Cookie {
	j.mu.Lock()
	defer j.mu.Unlock()
	host, path, now := canonicalHost(u), u.EscapedPath(), time.Now()
	var match []jarCookie
	for _, c := range j.cookies {
		if c.goesTo(host, path) && (!c.secure || u.Scheme == "https") && !c.expired(now) {
			match = append(match, c)
		}
	}
	slices.SortStableFunc(match, func(a, b jarCookie) int { return cmp.Compare(len(b.path), len(a.path)) })
	cookies := make([]*http.Cookie, len(match))
	for i, c := range match {
		cookies[i] = &http.Cookie{Name: c.name, Value: c.value}
	}
	return cookies
}

// SetCookies keeps the cookies of an answer from u. Those for a host that u is not
// part of, or for a whole public suffix, are dropped.
func (j *Jar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.mu.Lock()
	defer j.mu.Unlock()
	now := time.Now()
	for _, set := range cookies {
		if c, ok := newJarCookie(u, set, now); ok {
			j.put(c, now)
		}
	}
}

// put adds c, or takes the place of the cookie of the same name; an expired one
// deletes it.
func (j *Jar) put(c jarCookie, now time.Time) {
	i := slices.IndexFunc(j.cookies, func(old jarCookie) bool {
		return old.name == c.name && old.domain == c.domain && old.path == c.path && old.subdomains == c.subdomains
	})
	switch {
	case c.expired(now) && i >= 0:
		j.cookies = slices.Delete(j.cookies, i, i+1)
	case c.expired(now):
	case i >= 0:
		j.cookies[i] = c
	default:
		j.cookies = append(j.cookies, c)
	}
}

func newJarCookie(u *url.URL, set *http.Cookie, now time.Time) (jarCookie, bool) {
	c := jarCookie{name: set.Name, value: set.Value, path: set.Path, secure: set.Secure, httpOnly: set.HttpOnly, expires: expiry(set, now)}
	if set.Quoted {
		c.value = `"` + set.Value + `"`
	}
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
func (c jarCookie) keepsPrefix(set *http.Cookie) bool {
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
	domain = strings.ToLower(strings.TrimPrefix(attribute, "."))
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

func (c jarCookie) goesTo(host, path string) bool {
	if host != c.domain && !(c.subdomains && belongsTo(host, c.domain)) {
		return false
	}
	if path == "" {
		path = "/"
	}
	rest, ok := strings.CutPrefix(path, c.path)
	return ok && (rest == "" || strings.HasSuffix(c.path, "/") || rest[0] == '/')
}

func (c jarCookie) expired(now time.Time) bool {
	return !c.expires.IsZero() && !c.expires.After(now)
}

// belongsTo says whether host is domain or a host below it.
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
