package client

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// address is target's host and port, the host in ASCII.
func address(target *url.URL) (string, error) {
	if target == nil || !fetchable(target.Scheme) {
		return "", errors.New("the target is not an http or https URL")
	}
	host, err := hostOf(target)
	if err != nil {
		return "", err
	}
	port := target.Port()
	switch {
	case port != "":
	case target.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(host, port), nil
}

// hostOf is target's host in ASCII.
func hostOf(target *url.URL) (string, error) {
	if target.Hostname() == "" {
		return "", errNoHost
	}
	return ASCIIHost(target.Hostname())
}

func fetchable(scheme string) bool { return scheme == "http" || scheme == "https" }

// forbiddenInHost are the ASCII characters that end a host or mean something beside
// one. The mapping of a host can produce them: "／" becomes "/".
const forbiddenInHost = " \"#%/:<>?@[\\]^`{|}"

// maxHost bounds a name before it is mapped: the time of that grows with the square of
// its length. DNS has no names of more than 253 octets.
const maxHost = 1024

// ASCIIHost is a host name in lower case, and an international one in its ASCII form
// by UTS 46 without transitional processing, as browsers have it.
func ASCIIHost(host string) (string, error) {
	if !international(host) {
		return strings.ToLower(host), nil
	}
	if len(host) > maxHost {
		return "", fmt.Errorf("the host name %q is too long", capped(host, 50))
	}
	ascii, err := hostProfile().ToASCII(host)
	if err != nil || !utf8.ValidString(host) || ascii == "" || strings.ContainsFunc(ascii, forbidden) {
		return "", fmt.Errorf("the host name %q cannot be written in ASCII", capped(host, messageLimit))
	}
	return ascii, nil
}

// hostProfile maps as for a lookup. Underscores and hyphens may stand where DNS has
// them, though host names proper do not.
func hostProfile() *idna.Profile {
	return idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(),
		idna.StrictDomainName(false), idna.CheckHyphens(false))
}

func forbidden(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(forbiddenInHost, r)
}

func international(host string) bool {
	return strings.ContainsFunc(host, func(r rune) bool { return r > 0x7f })
}

// asciiHostPort is ASCIIHost for a host that a port may follow.
func asciiHostPort(hostport string) string {
	if !international(hostport) {
		return strings.ToLower(hostport)
	}
	host, port, found := strings.Cut(hostport, ":")
	ascii, _ := ASCIIHost(host) // Dial refused a host that has none
	if found {
		ascii += ":" + port
	}
	return ascii
}
