package mock

import (
	"net/http"
	"strconv"
	"strings"
)

// What the journal keeps of heads and targets.
const (
	maxTarget      = 8 << 10  // bytes of a target
	maxShortTarget = 256      // bytes of an old one
	maxRecords     = 16 << 20 // bytes of all heads and targets together; those of old requests make room

	maxFieldValue = 1 << 10 // bytes of one value; the rest is only counted
	maxHead       = 8 << 10 // bytes of all fields together
)

// moreFields stands for the fields of a head that had no room.
const moreFields = "…"

// heads are the fields of a request and of its answer, a line "Name: value\n"
// each: a map of either would take three times the memory.
type heads struct{ request, response string }

func (h heads) size() int { return len(h.request) + len(h.response) }

// headOf is what the journal may keep of a head, without what is secret in it.
func (s *Server) headOf(host string, fields http.Header) string {
	var b strings.Builder
	if host != "" {
		s.writeField(&b, "Host", host)
	}
	left := 0
	for name, values := range fields {
		for _, value := range values {
			if b.Len() > maxHead-maxFieldValue {
				left++
				continue
			}
			s.writeField(&b, name, value)
		}
	}
	if left > 0 {
		b.WriteString(moreFields + ": " + strconv.Itoa(left) + " more\n")
	}
	return b.String()
}

func (s *Server) writeField(b *strings.Builder, name, value string) {
	b.WriteString(cut(s.redact(name), maxFieldValue))
	b.WriteString(": ")
	b.WriteString(cut(s.redact(withoutSecrets(name, value)), maxFieldValue))
	b.WriteByte('\n')
}

// cut shortens what is too long for the journal and says how long it was.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "… (" + strconv.Itoa(len(text)) + " bytes)"
}

// withoutSecrets is a field's value with credentials and the values of cookies
// left out.
func withoutSecrets(name, value string) string {
	switch http.CanonicalHeaderKey(name) {
	case "Authorization", "Proxy-Authorization":
		if scheme, _, ok := strings.Cut(value, " "); ok {
			return scheme + " " + redacted
		}
		return redacted
	case "Cookie":
		pairs := strings.Split(value, ";")
		for i := range pairs {
			pairs[i] = withoutCookie(pairs[i])
		}
		return strings.Join(pairs, ";")
	case "Set-Cookie":
		pair, attributes, more := strings.Cut(value, ";")
		if more {
			return withoutCookie(pair) + ";" + attributes
		}
		return withoutCookie(pair)
	}
	return value
}

func withoutCookie(pair string) string {
	if name, _, ok := strings.Cut(pair, "="); ok {
		return name + "=" + redacted
	}
	return redacted
}

// header turns the lines of a head into what Go programs expect; nil is none.
func header(lines string) http.Header {
	if lines == "" {
		return nil
	}
	h := make(http.Header)
	for line := range strings.Lines(lines) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		h[name] = append(h[name], value)
	}
	return h
}
