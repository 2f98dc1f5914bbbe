package mock

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

var (
	errCrossSite = errors.New("control of the mock is not for other sites' pages")
	errHost      = errors.New("control of the mock is for this machine by a loopback Host, and for hosts that it was told to allow")
)

// checkOrigin refuses what a page of another site may have a browser send, also
// where that site's name resolves to a loopback address. Every value of a
// repeated header is checked.
func (s *Server) checkOrigin(r *http.Request) error {
	for _, site := range r.Header["Sec-Fetch-Site"] {
		if site != "none" && site != "same-origin" {
			return errCrossSite
		}
	}
	if !s.isControlHost(r.Host, r.RemoteAddr) {
		return errHost
	}
	for _, origin := range r.Header["Origin"] {
		if !strings.EqualFold(origin, originOf(r)) {
			return errCrossSite
		}
	}
	return nil
}

// originOf returns the endpoint's own origin as a browser writes it.
func originOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// isControlHost accepts a loopback Host from this machine only. A client on
// another machine can write any Host it likes.
func (s *Server) isControlHost(hostport, peer string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	if slices.ContainsFunc(s.cfg.AllowHosts, func(h string) bool { return strings.EqualFold(h, host) }) {
		return true
	}
	if !isLocal(peer) {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}

// isLocal reports whether a client is on this machine. A connection in memory has no
// IP address and is local.
func isLocal(peer string) bool {
	from, err := netip.ParseAddrPort(peer)
	return err != nil || from.Addr().Unmap().IsLoopback()
}
