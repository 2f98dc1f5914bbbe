package client

import (
	"net/http"
	"strings"
)

// shortestSecret keeps a key of a few letters, as mocks have, from being cut out
// of ordinary words. Its Basic form is told from words at any length.
const shortestSecret = 8

const redacted = "REDACTED"

// newSecrets finds the key in what a server sends back: it knows it, and may quote
// it.
func newSecrets(key string) *strings.Replacer {
	if key == "" {
		return strings.NewReplacer()
	}
	hidden := []string{basic(key, ""), redacted}
	if len(key) >= shortestSecret {
		hidden = append(hidden, key, redacted)
	}
	return strings.NewReplacer(hidden...)
}

func (c *Client) scrub(s string) string { return c.secrets.Replace(s) }

func (c *Client) scrubBytes(b []byte) []byte { return []byte(c.scrub(string(b))) }

func (c *Client) scrubHeader(header http.Header) {
	for _, values := range header {
		for i := range values {
			values[i] = c.scrub(values[i])
		}
	}
}

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
