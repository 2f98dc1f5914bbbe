package authority

import (
	"fmt"
	"net/netip"
	"strings"
)

const maxHostName = 253

// CanonicalHost returns the one spelling of a host under which its certificate
// is kept: lower case, without brackets or final dot. The error says why host is
// neither a DNS name nor an IP address.
func CanonicalHost(host string) (string, error) {
	name, _, err := parseHost(host)
	return name, err
}

// parseHost tells names from addresses and brings both to one spelling.
func parseHost(host string) (name string, addr netip.Addr, err error) {
	host = strings.TrimSuffix(host, ".") // first: "127.0.0.1." must not become a name that looks like an address
	bare := strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if addr, err := netip.ParseAddr(bare); err == nil {
		addr = addr.Unmap().WithZone("")
		return addr.String(), addr, nil
	}
	name = strings.ToLower(host)
	if name == "" || len(name) > maxHostName {
		return "", netip.Addr{}, fmt.Errorf("no certificate for a host name of %d characters", len(name))
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || strings.ContainsFunc(label, notInHostName) {
			return "", netip.Addr{}, fmt.Errorf("no certificate for %q: not a host name", host)
		}
	}
	return name, netip.Addr{}, nil
}

// notInHostName allows the underscore: DNS has such names and clients ask for
// them. It allows no asterisk: a wildcard would answer for names never asked.
func notInHostName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
}
