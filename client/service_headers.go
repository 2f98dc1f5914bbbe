package client

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// ServiceHeaders holds what the service's own headers on an answer say.
type ServiceHeaders struct {
	Session       string        // X-Crawlera-Session; "" = none, or not a valid id
	IP            string        // host part of X-Crawlera-Slave; "" = none
	NextRequestIn time.Duration // X-Crawlera-Next-Request-In (its unit, seconds, is inferred); 0 = none, at most 1000 s
	RetryAfter    time.Duration // Retry-After, where the answer is the service's own; 0 = none, at most 1000 s
	Dialect       Dialect
	RequestID     string // Zyte-Request-ID, by which the vendor finds a request; "" = none
}

// Dialect is the product that answers at the endpoint.
type Dialect int

const (
	DialectUnknown Dialect = iota
	DialectSPM             // X-Crawlera-Version is there
	DialectZyte            // Zyte-Request-ID is there: Zyte API's proxy mode
)

// answered decides whose answer a fetched one is. It is the service's with an error
// code, with a 407, or at the hard limit. Any other, a 401, 429 or 503 included, is
// the target's. Of Zyte API only its own type counts: what targets send under the
// names of Smart Proxy Manager it hands on.
func (s *Service) answered(status int, header http.Header) bool {
	if s.SessionsAPI {
		return fromService(status, header)
	}
	return has(header, headerZyteError) || status == http.StatusProxyAuthRequired
}

// fromService is answered where either service may be the one. A status without a code
// is the target's where the answer names an outgoing IP: such an answer was forwarded.
func fromService(status int, header http.Header) bool {
	if has(header, headerError) || has(header, headerZyteError) {
		return true
	}
	return !has(header, headerSlave) && (status == http.StatusProxyAuthRequired || atHardLimit(status, header))
}

// atHardLimit recognises an IP whose delay reached the service's limit (DOC: 503 with
// Retry-After; its code is unknown).
func atHardLimit(status int, header http.Header) bool {
	return status == http.StatusServiceUnavailable && has(header, headerRetryAfter) && has(header, headerVersion)
}

// believed is the value of a service header; "" = none. A target can write one beside
// the service's: values that differ are not believed.
func believed(header http.Header, name string) string {
	values := header[name]
	if len(values) == 0 || slices.ContainsFunc(values, func(v string) bool { return v != values[0] }) {
		return ""
	}
	return values[0]
}

func has(header http.Header, name string) bool {
	_, there := header[name]
	return there
}

// parseService reads the service's headers. Values that are not well-formed are
// dropped, since they come from the network.
func parseService(resp *http.Response) ServiceHeaders {
	h := resp.Header
	s := ServiceHeaders{
		IP:            hostPart(believed(h, headerSlave)),
		NextRequestIn: delayIn(h, headerNextRequestIn),
	}
	if id := believed(h, headerSession); assignableID(id) {
		s.Session = id
	}
	switch {
	case has(h, headerZyteRequest):
		s.RequestID = requestID(h.Get(headerZyteRequest))
		s.Dialect = DialectZyte
	case has(h, headerVersion):
		s.Dialect = DialectSPM
	}
	return s
}

// service is parseService less any session or IP that leaks the key. Both are printed
// and written down, and the server knows the key.
func (c *Client) service(resp *http.Response) ServiceHeaders {
	s := parseService(resp)
	if !c.cfg.Service.SessionsAPI {
		s = ServiceHeaders{Dialect: s.Dialect, RequestID: s.RequestID} // the rest can only be the target's
	}
	if c.secrets.leaks(s.Session) {
		s.Session = ""
	}
	if c.secrets.leaks(s.IP) {
		s.IP = ""
	}
	if c.secrets.leaks(s.RequestID) {
		s.RequestID = ""
	}
	return s
}

// requestID is the name of a request as it may be shown: whatever can be an ID, since
// its form is not documented.
func requestID(s string) string {
	if !ValidSessionID(s) {
		return ""
	}
	return s
}

// hostPart is the host of an outgoing IP. The service writes IP:PORT in
// X-Crawlera-Slave; the list of sessions has been seen both with and without a port.
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
