package client

import (
	"net"
	"net/url"
	"strconv"
	"strings"
)

// ServiceID names the service behind an endpoint: what the spellings of the endpoint
// have in common. That is the host and, unless it is one of the service's own, the
// port. The service has the same sessions and IPs on all of its ports, whatever the
// scheme.
func ServiceID(endpoint *url.URL) string {
	host := canonicalHost(endpoint.Hostname())
	switch port, err := strconv.Atoi(endpoint.Port()); {
	case err != nil, port == 8010, port == 8011, port == 8014:
		return host
	default:
		return net.JoinHostPort(host, strconv.Itoa(port))
	}
}

// canonicalHost gives all names of this machine's loopback the same one.
func canonicalHost(host string) string {
	host = strings.TrimSuffix(host, ".")
	if ip := net.ParseIP(host); ip != nil && !ip.IsLoopback() {
		return ip.String()
	} else if ip != nil {
		return "localhost"
	}
	if ascii, err := ASCIIHost(host); err == nil {
		host = ascii
	}
	if strings.HasSuffix(host, ".localhost") {
		return "localhost"
	}
	return host
}
