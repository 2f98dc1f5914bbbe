package client

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// ParseURL reads an absolute http or https URL so that its path and query keep their
// octets. Only octets that cannot stand in a request line are percent-encoded. Dot
// segments are removed (RFC 3986, section 5.2.4), the host is mapped to ASCII, and an
// empty port is dropped.
//
// A path with a "%" that begins no escape does not fit into Path and RawPath. Its
// octets are then in Opaque, behind "//" and the host: String shows them, and
// [Conn.Do] sends them. Errors quote neither user information nor path.
func ParseURL(raw string) (*url.URL, error) {
	return splitReference(raw).target()
}

// ResolveURL reads a reference to another URL, such as that of a Location header,
// relative to base (RFC 3986, section 5.2.2). It keeps octets as [ParseURL] does.
func ResolveURL(base *url.URL, reference string) (*url.URL, error) {
	r := splitReference(strings.Trim(reference, " \t"))
	if r.scheme == "" {
		r.resolve(base)
	}
	if !r.hasFragment {
		r.fragment = base.EscapedFragment()
	}
	return r.target()
}

// reference is a URL reference in its parts (RFC 3986, appendix B), as written.
type reference struct {
	scheme, authority, path, query, fragment string
	hasAuthority, hasQuery, hasFragment      bool

	base *url.URL // where the authority comes from; nil = authority
}

func splitReference(s string) *reference {
	r := &reference{}
	if scheme, rest, found := strings.Cut(s, ":"); found && isScheme(scheme) {
		r.scheme, s = strings.ToLower(scheme), rest
	}
	s, r.fragment, r.hasFragment = strings.Cut(s, "#")
	s, r.query, r.hasQuery = strings.Cut(s, "?")
	r.path = s
	if rest, found := strings.CutPrefix(s, "//"); found {
		r.hasAuthority = true
		end := strings.IndexByte(rest, '/')
		if end < 0 {
			end = len(rest)
		}
		r.authority, r.path = rest[:end], rest[end:]
	}
	return r
}

func isScheme(s string) bool {
	for i := range len(s) {
		letter := s[i] | 0x20
		switch {
		case 'a' <= letter && letter <= 'z':
		case i > 0 && ('0' <= s[i] && s[i] <= '9' || strings.IndexByte("+-.", s[i]) >= 0):
		default:
			return false
		}
	}
	return s != ""
}

// resolve completes a reference without scheme from base.
func (r *reference) resolve(base *url.URL) {
	r.scheme = base.Scheme
	if r.hasAuthority {
		return
	}
	r.hasAuthority, r.base = true, base
	switch path := pathOctets(base); {
	case r.path == "":
		r.path = path
		if !r.hasQuery {
			r.query, r.hasQuery = base.RawQuery, base.ForceQuery || base.RawQuery != ""
		}
	case r.path[0] != '/':
		r.path = path[:strings.LastIndexByte(path, '/')+1] + r.path
	}
}

// target makes the URL.
func (r *reference) target() (*url.URL, error) {
	switch {
	case !fetchable(r.scheme):
		return nil, fmt.Errorf("the scheme %s is not http or https", capped(r.scheme, 50))
	case !r.hasAuthority:
		return nil, errNoHost
	}
	u := &url.URL{Scheme: r.scheme}
	if r.base != nil {
		u.User, u.Host = r.base.User, r.base.Host
	} else if err := setAuthority(u, r.authority); err != nil {
		return nil, err
	}
	setPath(u, removeDotSegments("/"+strings.TrimPrefix(escapeOctets(r.path, notInPath), "/")))
	u.RawQuery, u.ForceQuery = escapeOctets(r.query, ""), r.hasQuery && r.query == ""
	setFragment(u, escapeOctets(r.fragment, notInPath))
	return u, nil
}

var errNoHost = errors.New("the URL names no host")

// setAuthority reads "user:password@host:port".
func setAuthority(u *url.URL, authority string) error {
	if isPlainHost(authority) {
		u.Host = authority
		return nil
	}
	parsed, err := url.Parse(u.Scheme + "://" + authority + "/")
	if err != nil {
		return authorityError(err)
	}
	host, port := parsed.Hostname(), parsed.Port()
	if host == "" {
		return errNoHost
	}
	if strings.ContainsAny(host, " \"<>\\^`{|}%") && net.ParseIP(withoutZone(host)) == nil {
		return fmt.Errorf("the host %q is malformed", capped(host, messageLimit))
	}
	if international(host) {
		if host, err = ASCIIHost(host); err != nil {
			return err
		}
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return fmt.Errorf("the port %q is none of 1 to 65535", capped(port, 20))
		}
		host += ":" + strconv.FormatUint(n, 10)
	}
	u.User, u.Host = parsed.User, host
	return nil
}

// isPlainHost reports whether an authority, as most do, names a host and nothing else.
func isPlainHost(authority string) bool {
	for i := range len(authority) {
		switch c := authority[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '.', c == '-':
		default:
			return false
		}
	}
	return authority != ""
}

// authorityError is the reason of an error of url.Parse. That quotes the whole URL,
// and in some reasons what may be a password.
func authorityError(err error) error {
	var parse *url.Error
	if errors.As(err, &parse) {
		err = parse.Err
	}
	var escape url.EscapeError
	switch text := err.Error(); {
	case errors.As(err, &escape):
		return errors.New("a % in the URL's host or user information is not followed by two hexadecimal digits")
	case strings.Contains(text, "@"), strings.Contains(text, "userinfo"):
		return errors.New("the URL's user information cannot be read")
	case strings.Contains(text, "invalid port"):
		return errors.New("the port is none of 1 to 65535")
	default:
		return errors.New("the URL is malformed: " + capped(text, messageLimit))
	}
}

func withoutZone(host string) string {
	ip, _, _ := strings.Cut(host, "%")
	return ip
}
