package mock

import (
	"net/http"
	"net/http/cookiejar"
	"strings"
	"time"
)

// cookieLife is how long an IP keeps its cookies after the last request.
const cookieLife = 15 * time.Minute

// jar holds the cookies that targets have set for one outgoing IP.
type jar struct {
	cookies *cookiejar.Jar
	used    time.Time
}

// cookies returns the IP's jar, nil if there is none and make is false.
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

// addCookies sets the Cookie header of the outgoing request. The jar is used in
// sessions only: outside of them every request has another IP.
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
	service := kept.Cookies(f.to)
	if len(service) == 0 {
		return
	}
	h.Set("Cookie", merge(own, service))
}

// merge joins both lists. The service's cookie replaces the client's of that name.
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

// keepCookies stores the cookies that the target sets.
func (f *fetch) keepCookies(h http.Header) {
	if f.session == nil || f.want.cookies != cookiesEnable || len(h["Set-Cookie"]) == 0 {
		return
	}
	f.s.store.cookies(f.node, true).SetCookies(f.to, (&http.Response{Header: h}).Cookies())
}
