package client

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// shortestSecret keeps a key of a few letters, as mocks have, from being cut out
// of ordinary words. Its Basic form is told from words at any length.
const shortestSecret = 8

const redacted = "REDACTED"

// secrets finds the key in what a server sends back: it knows it, and may quote
// it.
type secrets struct {
	signs    []string // every text that tells the key holds one of them
	longest  int      // bytes of a form of the key
	replacer *strings.Replacer
}

func newSecrets(key string) *secrets {
	if key == "" {
		return &secrets{}
	}
	forms := []string{basic(key, "")} // the longest first: a part of a form may be another one
	signs := forms
	if len(key) >= shortestSecret {
		encoded, starts := encodedForms(key)
		written := writtenForms(key)
		forms = slices.Concat(encoded, starts, written)
		signs = slices.Concat(starts, written)
	}
	s := &secrets{signs: slices.Compact(signs)}
	var pairs []string
	for _, form := range forms {
		s.longest = max(s.longest, len(form))
		pairs = append(pairs, form, redacted)
	}
	s.replacer = strings.NewReplacer(pairs...)
	return s
}

// encodedForms are the key in base64, as a user name and bare, and the start that
// these have in common.
func encodedForms(key string) (whole, starts []string) {
	for _, coding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		user := coding.EncodeToString([]byte(key + ":"))
		whole = append(whole, user, coding.EncodeToString([]byte(key)))
		starts = append(starts, user[:len(key)/3*4])
	}
	return whole, starts
}

// writtenForms are the key as text quotes and escapes it. What JSON escapes beyond
// quotes is done here: to start encoding/json for it takes a hundredth of a small
// fetch.
func writtenForms(key string) []string {
	quoted := strconv.Quote(key)
	quoted = quoted[1 : len(quoted)-1]
	inJSON := strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`)
	return []string{key, quoted, inJSON.Replace(quoted), url.QueryEscape(key), url.PathEscape(key)}
}

// in says whether text tells the key. It is asked of every header of every answer.
func (s *secrets) in(text string) bool {
	for _, sign := range s.signs {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// inName says the same of a header's name, of whose letters net/http changes the
// case.
func (s *secrets) inName(name string) bool {
	for _, sign := range s.signs {
		for i := range len(name) - len(sign) + 1 {
			if strings.EqualFold(name[i:i+len(sign)], sign) {
				return true
			}
		}
	}
	return false
}

func (c *Client) scrub(s string) string {
	if !c.secrets.in(s) {
		return s
	}
	return c.secrets.replacer.Replace(s)
}

// scrubHeader leaves out a header whose name tells the key.
func (c *Client) scrubHeader(header http.Header) {
	for name, values := range header {
		if c.secrets.inName(name) {
			delete(header, name)
			continue
		}
		for i := range values {
			values[i] = c.scrub(values[i])
		}
	}
}

// excerptReach is how much of a body is read for an excerpt: at its end there may be a part
// of the key, which only the whole of it is known by.
func (c *Client) excerptReach() int { return bodyLimit + c.secrets.longest }

// excerpt is the start of a body as it may be shown, of what excerptReach had read.
func (c *Client) excerpt(read []byte) []byte {
	text := []byte(c.scrub(string(read)))
	if len(read) >= c.excerptReach() {
		text = text[:max(0, len(text)-c.secrets.longest)]
	}
	return text[:min(len(text), bodyLimit)]
}

// told is a server's text as it may stand in a message.
func (c *Client) told(text string, limit int) string { return capped(c.scrub(text), limit) }

// withoutSecrets is a header's value as it may be shown.
func withoutSecrets(name, value string) string {
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
