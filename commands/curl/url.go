package curl

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"smp/client"
)

// ParseURL reads the URL to fetch, as curl does: without a scheme it is http; dot
// segments are resolved; bytes that no URL may hold are escaped where that cannot
// mean anything else, and refused otherwise. The user information, for the
// Authorization header, is returned apart, and errors do not quote it.
func ParseURL(raw string) (*url.URL, *url.Userinfo, error) {
	if raw == "" {
		return nil, nil, errors.New("the URL is empty")
	}
	if strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return nil, nil, errors.New("the URL holds a space or a control character: a space is written %20, or + behind the ?")
	}
	if !hasScheme(raw) {
		raw = "http://" + raw
	}
	u, err := url.Parse(escapeBehindHost(raw))
	if err != nil {
		return nil, nil, fmt.Errorf("the URL is malformed: %w", withoutURL(err))
	}
	if err := checkTarget(u); err != nil {
		return nil, nil, err
	}
	user := u.User
	u.User = nil
	if u, err = client.ASCIIURL(u); err != nil {
		return nil, nil, fmt.Errorf("the URL is malformed: %w", err)
	}
	return tidy(u), user, nil
}

// hasScheme tells "http://host" and "mailto:x" from "host:8080/path" and
// "user:password@host".
func hasScheme(raw string) bool {
	authority := raw
	if end := strings.IndexAny(raw, "/?#"); end >= 0 {
		authority = raw[:end]
	}
	name, rest, found := strings.Cut(authority, ":")
	if !found || strings.Contains(rest, "@") || !isScheme(name) {
		return false
	}
	_, err := strconv.Atoi(rest)
	return err != nil && (rest != "" || strings.HasPrefix(raw[len(authority):], "/"))
}

func isScheme(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-") == "" &&
		strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", rune(s[0]))
}

// withoutURL is the reason in an error of url.Parse, which quotes the whole URL.
func withoutURL(err error) error {
	if parse, ok := errors.AsType[*url.Error](err); ok {
		err = parse.Err
	}
	if _, ok := errors.AsType[url.EscapeError](err); ok {
		return errors.New("a % is not followed by two hexadecimal digits")
	}
	if strings.Contains(err.Error(), "@") || strings.Contains(err.Error(), "userinfo") {
		return errors.New("its user information cannot be read")
	}
	return err
}

func checkTarget(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("the scheme %q cannot be fetched: it has to be http or https", u.Scheme)
	}
	if u.Opaque != "" || u.Hostname() == "" {
		return errors.New("the URL names no host")
	}
	if p := u.Port(); p != "" || strings.HasSuffix(u.Host, ":") {
		n, err := strconv.Atoi(p)
		if err != nil || n < 1 || n > 65535 {
			return fmt.Errorf("the port %q is none of 1 to 65535", p)
		}
	}
	if name := u.Hostname(); strings.ContainsAny(name, " \"<>\\^`{|}%") && net.ParseIP(withoutZone(name)) == nil {
		return fmt.Errorf("the host %q is malformed", name)
	}
	return nil
}

func withoutZone(host string) string {
	ip, _, _ := strings.Cut(host, "%")
	return ip
}

// tidy resolves dot segments.
func tidy(u *url.URL) *url.URL {
	if u.Path == "" {
		u.Path = "/"
	}
	return (&url.URL{}).ResolveReference(u)
}

// escapeBehindHost escapes what is not ASCII behind the host. net/url would take
// the whole path apart and put it together otherwise.
func escapeBehindHost(raw string) string {
	host := strings.Index(raw, "://") + len("://")
	end := strings.IndexAny(raw[host:], "/?#")
	if end < 0 {
		return raw
	}
	return raw[:host+end] + escapeNonASCII(raw[host+end:])
}

func escapeNonASCII(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if s[i] < 0x80 {
			b.WriteByte(s[i])
		} else {
			fmt.Fprintf(&b, "%%%02X", s[i])
		}
	}
	return b.String()
}
