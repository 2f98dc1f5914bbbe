package mock

import (
	"net/http"
	"net/http/cookiejar"
	"strings"
	"time"
)

// cookieLife is how long an IP keeps its cookies after the last request.
const cookieLife = 15 * time.Minute

// jar is what the service remembers of the targets' cookies at one IP.
type jar struct {
	cookies *cookiejar.Jar
	used    time.Time
}

// cookies is the IP's jar; without make it may be nil.
func (st *store) cookies(n *node, make bool) *cookiejar.Jar {
	st.mu.Lock()
	defer st.mu.Unlock()
	now := st.clock.now()
	if now.Sub(n.jar.used) >= cookieLife {
		n.jar.cookies = nil
	}
	n.jar.used = now
	if n.jar.cookies == nil && make {
		n.jar.cookies, _ = cookiejar.New(nil) // never fails without options
	}
	return n.jar.cookies
}

// addCookies makes the Cookie header of the outgoing request. Cookies are
// followed in sessions only: elsewhere every request has another IP.
func (f *fetch) addCookies(h http.Header) {
	switch {
	case f.want.cookies == cookiesDiscard:
		h.Del("Cookie")
		return
	case f.want.cookies == cookiesDisable || f.session == nil:
		return
	}
	kept := f.s.store.cookies(f.node, false)
	if kept == nil {
		return
	}
	own := (&http.Request{Header: h}).Cookies()
	ours := kept.Cookies(f.to)
	if len(ours) == 0 {
		return
	}
	h.Set("Cookie", merge(own, ours))
}

// merge lets the service's cookies win over the client's.
func merge(client, service []*http.Cookie) string {
	won := make(map[string]bool, len(service))
	var pairs []string
	for _, c := range service {
		won[c.Name] = true
		pairs = append(pairs, c.Name+"="+c.Value)
	}
	for _, c := range client {
		if !won[c.Name] {
			pairs = append(pairs, c.Name+"="+c.Value)
		}
	}
	return strings.Join(pairs, "; ")
}

// keepCookies remembers what the target sets.
func (f *fetch) keepCookies(h http.Header) {
	if f.session == nil || f.want.cookies != cookiesEnable || len(h["Set-Cookie"]) == 0 {
		return
	}
	f.s.store.cookies(f.node, true).SetCookies(f.to, (&http.Response{Header: h}).Cookies())
}
