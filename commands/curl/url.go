package curl

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"smp/client"
)

// ParseURL reads the URL to fetch, as curl does: without a scheme it is http, and path
// and query keep their octets (see [client.ParseURL]). The user information, for the
// Authorization header, is returned apart, and errors do not quote it.
func ParseURL(raw string) (*url.URL, *url.Userinfo, error) {
	switch {
	case raw == "":
		return nil, nil, errors.New("the URL is empty")
	case strings.ContainsRune(raw, 0):
		return nil, nil, errors.New("the URL holds NUL bytes, as UTF-16 text does: save the file as UTF-8")
	case strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return nil, nil, errors.New("the URL holds a space or a control character: a space is written %20, or + behind the ?")
	case !strings.HasPrefix(raw, "http") && strings.HasPrefix(strings.TrimLeft(raw, "\"'<“‘«"), "http"):
		return nil, nil, errors.New("the URL stands in quotes: write it without them")
	}
	if !hasScheme(raw) {
		raw = "http://" + raw
	}
	if scheme, _, _ := strings.Cut(raw, ":"); !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return nil, nil, fmt.Errorf("the scheme %q cannot be fetched: it has to be http or https", scheme)
	}
	u, err := client.ParseURL(raw)
	if err != nil {
		return nil, nil, err
	}
	user := u.User
	u.User = nil
	return u, user, nil
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
	if rest == "" {
		return strings.HasPrefix(raw[len(authority):], "/")
	}
	_, err := strconv.Atoi(rest)
	return err != nil
}

func isScheme(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-") == "" &&
		strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", rune(s[0]))
}
