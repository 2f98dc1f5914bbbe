package curl

import (
	"cmp"
	"slices"
	"time"
)

// The bounds of browsers. Whatever is over one is cut back by a tenth, so that a flood
// of cookies costs no search each.
const (
	maxSiteCookies = 180
	maxCookies     = 3000
)

// evict keeps the bounds after a cookie of a site was set.
func (j *Jar) evict(name string, now time.Time) {
	s := j.sites[name]
	if s.count > maxSiteCookies {
		oldest := oldestUsed(s.cookies, now, s.count-maxSiteCookies*9/10)
		j.drop(name, func(c *jarCookie) bool { return oldest[c] })
	}
	if j.count > maxCookies {
		var all []*jarCookie
		for _, s := range j.sites {
			all = append(all, s.cookies...)
		}
		oldest := oldestUsed(all, now, j.count-maxCookies*9/10)
		for name := range j.sites {
			j.drop(name, func(c *jarCookie) bool { return oldest[c] })
		}
	}
}

// oldestUsed picks n of the cookies that answers set: expired ones, then those that
// were not used for longest.
func oldestUsed(cookies []*jarCookie, now time.Time, n int) map[*jarCookie]bool {
	set := slices.DeleteFunc(slices.Clone(cookies), func(c *jarCookie) bool { return c.loaded })
	slices.SortFunc(set, func(a, b *jarCookie) int {
		if a.expired(now) != b.expired(now) {
			if a.expired(now) {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.used, b.used), cmp.Compare(a.set, b.set))
	})
	oldest := make(map[*jarCookie]bool, n)
	for _, c := range set[:min(n, len(set))] {
		oldest[c] = true
	}
	return oldest
}

// drop removes cookies of a site, and the site with its last one.
func (j *Jar) drop(name string, gone func(*jarCookie) bool) {
	s := j.sites[name]
	s.cookies = slices.DeleteFunc(s.cookies, func(c *jarCookie) bool {
		if !gone(c) {
			return false
		}
		delete(s.byKey, c.key())
		if !c.loaded {
			s.count--
			j.count--
		}
		return true
	})
	if len(s.cookies) == 0 {
		delete(j.sites, name)
	}
}
