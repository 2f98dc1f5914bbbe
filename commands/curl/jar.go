package curl

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Jar keeps cookies as RFC 6265 says, with all that a Netscape cookie file holds of
// them; net/http/cookiejar cannot list what it keeps. The zero value is empty. A Jar
// is safe for concurrent use.
//
// What answers set is bounded as in browsers: 180 cookies a site, 3,000 in all, of
// which those that were not used for longest go first. Cookies of a file stay.
type Jar struct {
	mu    sync.Mutex
	sites map[string]*siteCookies
	count int    // of the cookies that answers set
	clock uint64 // counts what is set and sent
}

// siteCookies are the cookies of one site.
type siteCookies struct {
	cookies []*jarCookie // in the order in which they were first set
	byKey   map[cookieKey]*jarCookie
	count   int // of those that answers set
}

// maxCookieHeader bounds the cookies that go with one request, as in curl; a service
// or a target refuses a longer head.
const maxCookieHeader = 8 << 10

// Cookies lists what goes to u: longer paths first, then in the order of setting. What
// does not fit into 8 KiB any more is left out.
func (j *Jar) Cookies(u *url.URL) []*http.Cookie {
	j.mu.Lock()
	defer j.mu.Unlock()
	host, path, now := canonicalHost(u), u.EscapedPath(), time.Now()
	s := j.sites[site(host)]
	if s == nil {
		return nil
	}
	var match []*jarCookie
	for _, c := range s.cookies {
		if c.goesTo(host, path) && (!c.secure || u.Scheme == "https") && !c.expired(now) {
			match = append(match, c)
		}
	}
	slices.SortStableFunc(match, func(a, b *jarCookie) int { return cmp.Compare(len(b.path), len(a.path)) })
	j.clock++
	var cookies []*http.Cookie
	length := 0
	for _, c := range match {
		size := len(c.name) + len("=") + len(c.value) + len("; ")
		if length+size > maxCookieHeader {
			continue
		}
		length += size
		c.used = j.clock
		cookies = append(cookies, &http.Cookie{Name: c.name, Value: c.value})
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

// put adds c, or replaces the cookie of the same key; an expired one deletes it.
func (j *Jar) put(c *jarCookie, now time.Time) {
	name := site(c.domain)
	s := j.sites[name]
	if s == nil {
		if c.expired(now) {
			return
		}
		if j.sites == nil {
			j.sites = make(map[string]*siteCookies)
		}
		s = &siteCookies{byKey: make(map[cookieKey]*jarCookie)}
		j.sites[name] = s
	}
	j.clock++
	old := s.byKey[c.key()]
	switch {
	case c.expired(now) && old != nil:
		j.drop(name, func(each *jarCookie) bool { return each == old })
	case c.expired(now):
	case old != nil:
		c.loaded, c.set, c.used = old.loaded, old.set, j.clock
		*old = *c
	default:
		c.set, c.used = j.clock, j.clock
		s.cookies = append(s.cookies, c)
		s.byKey[c.key()] = c
		if !c.loaded {
			s.count++
			j.count++
			j.evict(name, now)
		}
	}
}

// all lists the cookies that have not expired, in the order of setting.
func (j *Jar) all(now time.Time) []*jarCookie {
	var cookies []*jarCookie
	for _, s := range j.sites {
		for _, c := range s.cookies {
			if !c.expired(now) {
				cookies = append(cookies, c)
			}
		}
	}
	slices.SortFunc(cookies, func(a, b *jarCookie) int { return cmp.Compare(a.set, b.set) })
	return cookies
}
