package client

import (
	"net/url"
	"strings"
)

// notInPath is what net/url would escape in a path: with such a character in it, all
// of a RawPath would be dropped.
const notInPath = "\"<>\\^`{|}"

// escapeOctets percent-encodes the octets of s that cannot stand in a request line,
// and those of also.
func escapeOctets(s, also string) string {
	escaped := func(c byte) bool { return c <= ' ' || c >= 0x7f || strings.IndexByte(also, c) >= 0 }
	first := 0
	for first < len(s) && !escaped(s[first]) {
		first++
	}
	if first == len(s) {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:first])
	for i := first; i < len(s); i++ {
		if c := s[i]; escaped(c) {
			b.WriteString(percentEncoded(c))
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func percentEncoded(c byte) string {
	const digits = "0123456789ABCDEF"
	return string([]byte{'%', digits[c>>4], digits[c&0xf]})
}

// removeDotSegments resolves "." and ".." of an absolute path (RFC 3986, section
// 5.2.4). Empty segments stay.
func removeDotSegments(path string) string {
	if !strings.Contains(path, "/.") {
		return path
	}
	segments := strings.Split(path[1:], "/")
	kept := segments[:0]
	for i, segment := range segments {
		switch segment {
		case ".", "..":
			if segment == ".." && len(kept) > 0 {
				kept = kept[:len(kept)-1]
			}
			if i == len(segments)-1 {
				kept = append(kept, "")
			}
		default:
			kept = append(kept, segment)
		}
	}
	return "/" + strings.Join(kept, "/")
}

// setPath gives u a path of these octets.
func setPath(u *url.URL, octets string) {
	whole := escapeStrayPercents(octets)
	u.Path, _ = url.PathUnescape(whole)
	if u.EscapedPath() != whole {
		u.RawPath = whole
	}
	if whole != octets {
		u.Opaque = slashesAnd(u.Host) + octets
	}
}

// slashesAnd is "//" and the host as a URL has it: the "%" before an address's zone is escaped.
func slashesAnd(host string) string { return (&url.URL{Host: host}).String() }

func setFragment(u *url.URL, octets string) {
	whole := escapeStrayPercents(octets)
	u.Fragment, _ = url.PathUnescape(whole)
	if u.EscapedFragment() != whole {
		u.RawFragment = whole
	}
}

// escapeStrayPercents encodes each "%" that two hexadecimal digits do not follow.
func escapeStrayPercents(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte(s[i])
		if s[i] == '%' && !(i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2])) {
			b.WriteString("25")
		}
	}
	return b.String()
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

// pathOctets is the path of u as it is sent. Of a RawPath that net/url would not use for
// one octet of it, the others stay as they are.
func pathOctets(u *url.URL) string {
	path := u.EscapedPath()
	if rest, found := strings.CutPrefix(u.Opaque, "//"); found {
		path = rest[max(strings.IndexByte(rest, '/'), 0):]
	} else if whole, err := url.PathUnescape(u.RawPath); err == nil && whole == u.Path && whole != "" {
		path = escapeOctets(u.RawPath, notInPath)
	}
	if !strings.HasPrefix(path, "/") {
		return "/" + path
	}
	return path
}
