package relay

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// targetURL is what a request asks for: as it says itself, or inside a tunnel, with
// the host that the tunnel leads to.
func targetURL(r *http.Request) *url.URL {
	u := *r.URL
	if c := connOf(r.Context()); c.tunnel != "" {
		u.Scheme, u.Host = "http", c.tunnel
		if r.TLS != nil {
			u.Scheme = "https"
		}
		u.Host = withoutDefaultPort(u.Scheme, c.tunnel)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return &u
}

func withoutDefaultPort(scheme, hostPort string) string {
	host, port, _ := net.SplitHostPort(hostPort)
	if scheme == "https" && port != "443" || scheme == "http" && port != "80" {
		return hostPort
	}
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// wrongTarget says why a target is not asked for; nil where it is.
func wrongTarget(r *http.Request, u *url.URL) *failure {
	switch {
	case u.Scheme != "http" && u.Scheme != "https" || u.Path == "*":
		return refuse(http.StatusBadRequest, "http_request_error", "invalid", "the target is not an http or https URL")
	case isUpgrade(r.Header):
		return refuse(http.StatusNotImplemented, "http_upgrade_failed", "upgrade", "%s: the relay carries no protocol but HTTP/1.1", u.Host)
	case isLoopback(u.Hostname()):
		return refuse(http.StatusForbidden, "destination_ip_prohibited", "loopback",
			"%s is this machine, which the service does not reach: ask it without a proxy (no_proxy)", u.Host)
	}
	return nil
}
