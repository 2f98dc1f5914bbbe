package mock

import (
	"errors"
	"net"
	"strconv"

	"smp/client/authority"
)

// address is the host and port of a target. The host is a name or an IP
// without brackets.
type address struct{ host, port string }

var errAddress = errors.New("not HOST:PORT")

// parseAddress reads what a CONNECT names.
func parseAddress(s string) (*address, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return nil, errAddress
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return nil, errAddress
	}
	name, err := authority.CanonicalHost(host)
	if err != nil {
		return nil, err
	}
	return &address{host: name, port: port}, nil
}

func (a *address) String() string { return net.JoinHostPort(a.host, a.port) }

// under is the address as a URL of that scheme spells it: without the default
// port.
func (a *address) under(scheme string) string {
	if scheme == "https" && a.port == "443" || scheme == "http" && a.port == "80" {
		if ip := net.ParseIP(a.host); ip != nil && ip.To4() == nil {
			return "[" + a.host + "]"
		}
		return a.host
	}
	return a.String()
}
