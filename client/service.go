package client

import (
	"net"
	"net/http"
	"strings"
	"time"
)

// ServiceHeaders is what the service's own headers say beside an answer.
type ServiceHeaders struct {
	Session       string        // X-Crawlera-Session; "" = none, or not a valid id
	IP            string        // host part of X-Crawlera-Slave; "" = none
	NextRequestIn time.Duration // X-Crawlera-Next-Request-In (its unit, seconds, is inferred); 0 = none, at most 1000 s
	RetryAfter    time.Duration // Retry-After, where the answer is the service's own; 0 = none, at most 1000 s
	Dialect       Dialect
}

// Dialect tells which product answers at the endpoint.
type Dialect int

const (
	DialectUnknown Dialect = iota
	DialectSPM             // X-Crawlera-Version is there
	DialectZyte            // Zyte-Request-ID is there: Zyte API's proxy mode
)

// fromService decides whose answer a fetched one is. The service says so with an
// error code or a 407, or throttles at its hard limit; anything else, a 401, 429 or
// 503 included, is the target's.
func fromService(status int, header http.Header) bool {
	return has(header, headerError) || has(header, headerZyteError) ||
		status == http.StatusProxyAuthRequired || atHardLimit(status, header)
}

// atHardLimit recognises the throttling of an IP whose delay reached its limit
// (DOC: 503 with Retry-After; its code is unknown). An answer that names an
// outgoing IP was fetched, so its 503 is the target's.
func atHardLimit(status int, header http.Header) bool {
	return status == http.StatusServiceUnavailable &&
		has(header, headerRetryAfter) && has(header, headerVersion) && !has(header, headerSlave)
}

func has(header http.Header, name string) bool {
	_, there := header[name]
	return there
}

// parseService reads the service's headers beside an answer. They come from the
// network: what does not look like what it should be is left out.
func parseService(resp *http.Response) ServiceHeaders {
	h := resp.Header
	s := ServiceHeaders{
		IP:            hostPart(h.Get(headerSlave)),
		NextRequestIn: delayIn(h, headerNextRequestIn),
	}
	if id := h.Get(headerSession); givenID(id) {
		s.Session = id
	}
	switch {
	case has(h, headerZyteRequest):
		s.Dialect = DialectZyte
	case has(h, headerVersion):
		s.Dialect = DialectSPM
	}
	return s
}

// service is what the service says beside an answer. Of what names a session or an
// IP, and is printed and written down, nothing is the key, which it knows.
func (c *Client) service(resp *http.Response) ServiceHeaders {
	s := parseService(resp)
	if c.secrets.in(s.Session) {
		s.Session = ""
	}
	if c.secrets.in(s.IP) {
		s.IP = ""
	}
	return s
}

// hostPart is the host of an outgoing IP, which the service writes as IP:PORT in
// X-Crawlera-Slave and, as far as is known, either way in the list of sessions.
func hostPart(s string) string {
	s = strings.TrimSpace(s)
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		s = s[1 : len(s)-1]
	}
	// One colon is a port's, and none is left.
	if len(s) > 255 || strings.IndexFunc(s, notHost) >= 0 || strings.Count(s, ":") == 1 {
		return ""
	}
	return s
}

func notHost(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	}
	return !strings.ContainsRune(".:_-", r)
}
