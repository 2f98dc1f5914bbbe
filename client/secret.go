package client

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// shortestSecret is the shortest key that is redacted in its bare form. A mock's key
// of a few letters would be cut out of ordinary words. The base64 form of a key is
// redacted at any length.
const shortestSecret = 8

const redacted = "REDACTED"

// secrets finds the API key in text from a server. The server knows the key and
// may quote it.
type secrets struct {
	needles  []string // text that leaks the key contains one of these
	longest  int      // length of the longest form of the key, in bytes
	replacer *strings.Replacer
}

func newSecrets(key string) *secrets {
	if key == "" {
		return &secrets{}
	}
	forms := []string{basic(key, "")} // longest first, since one form may be part of another
	needles := forms
	if len(key) >= shortestSecret {
		encoded, starts := encodedForms(key)
		written := writtenForms(key)
		forms = slices.Concat(encoded, starts, written)
		needles = slices.Concat(starts, written)
	}
	s := &secrets{needles: slices.Compact(needles)}
	var pairs []string
	for _, form := range forms {
		s.longest = max(s.longest, len(form))
		pairs = append(pairs, form, redacted)
	}
	s.replacer = strings.NewReplacer(pairs...)
	return s
}

// encodedForms are the key in base64, bare and as a user name, and the prefix that
// both share.
func encodedForms(key string) (whole, starts []string) {
	for _, coding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		user := coding.EncodeToString([]byte(key + ":"))
		whole = append(whole, user, coding.EncodeToString([]byte(key)))
		starts = append(starts, user[:len(key)/3*4])
	}
	return whole, starts
}

// writtenForms are the key as text, quoted, and escaped for JSON and for URLs. The
// JSON form is spelt out here: encoding/json would cost 1 % of a small fetch.
func writtenForms(key string) []string {
	quoted := strconv.Quote(key)
	quoted = quoted[1 : len(quoted)-1]
	inJSON := strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`)
	return []string{key, quoted, inJSON.Replace(quoted), url.QueryEscape(key), url.PathEscape(key)}
}

// leaks reports whether text leaks the key. It runs over every header of every answer.
func (s *secrets) leaks(text string) bool {
	for _, needle := range s.needles {
		if strings.Contains(text, needle) {
			return true
		}
	}
	return false
}

// leaksInName is leaks for a header's name, ignoring case: net/http changes the case
// of names.
func (s *secrets) leaksInName(name string) bool {
	for _, needle := range s.needles {
		for i := range len(name) - len(needle) + 1 {
			if strings.EqualFold(name[i:i+len(needle)], needle) {
				return true
			}
		}
	}
	return false
}

// redact replaces every form of the key in s.
func (c *Client) redact(s string) string {
	if !c.secrets.leaks(s) {
		return s
	}
	return c.secrets.replacer.Replace(s)
}

// redactHeader redacts values in place and drops a header whose name leaks the key.
func (c *Client) redactHeader(header http.Header) {
	for name, values := range header {
		if c.secrets.leaksInName(name) {
			delete(header, name)
			continue
		}
		for i := range values {
			values[i] = c.redact(values[i])
		}
	}
}

// excerptReadLimit reads one key length past the limit of an excerpt, so that a key
// that straddles the limit is recognised.
func (c *Client) excerptReadLimit() int { return bodyLimit + c.secrets.longest }

// excerpt is the redacted start of a body, of which up to excerptReadLimit bytes were
// read.
func (c *Client) excerpt(read []byte) []byte {
	text := []byte(c.redact(string(read)))
	if len(read) >= c.excerptReadLimit() {
		text = text[:max(0, len(text)-c.secrets.longest)]
	}
	return text[:min(len(text), bodyLimit)]
}

// quote is a server's text, redacted and capped, for a message of ours.
func (c *Client) quote(text string, limit int) string { return capped(c.redact(text), limit) }

// redactField is a header's value without credentials and cookies, for a trace.
func redactField(name, value string) string {
	switch http.CanonicalHeaderKey(name) {
	case "Authorization", headerProxyAuth:
		if scheme, _, ok := strings.Cut(value, " "); ok {
			return scheme + " " + redacted
		}
		return redacted
	case "Cookie", "Set-Cookie":
		if pair, _, ok := strings.Cut(value, "="); ok {
			return pair + "=" + redacted
		}
		return redacted
	}
	return value
}
