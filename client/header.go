package client

import (
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// The service's headers, spelt as it documents them.
const (
	headerSession       = "X-Crawlera-Session"
	headerSlave         = "X-Crawlera-Slave"
	headerVersion       = "X-Crawlera-Version"
	headerError         = "X-Crawlera-Error"
	headerNextRequestIn = "X-Crawlera-Next-Request-In"
	headerRetryAfter    = "Retry-After"
	headerZyteRequest   = "Zyte-Request-Id" // documented as Zyte-Request-ID; this is net/http's spelling of it
	headerZyteError     = "Zyte-Error-Type"
	headerZyteTitle     = "Zyte-Error-Title"
	headerZyteSession   = "Zyte-Session-ID"
	headerZyteRegion    = "Zyte-Geolocation"
	headerZyteOverride  = "Zyte-Override-Headers"
	headerProxyAuth     = "Proxy-Authorization"
)

// expectFrom is the body size above which Expect: 100-continue is sent. Without it an
// early refusal of a large upload is mostly lost as a broken pipe.
const expectFrom = 1 << 20

// Header is the header that goes out with req, less the credentials of the proxy and what
// is on the wire alone, such as the length. The caller may change it.
func (c *Client) Header(req *Request) http.Header {
	header, host := c.header(req)
	if host != "" {
		header["Host"] = []string{host}
	}
	return header
}

// header is the header that goes out with req, and the Host that the caller's header
// names, if any.
//
// A Proxy-Authorization of the caller's is dropped. It would travel into the tunnel of
// an https target, and beside our own to an http one.
func (c *Client) header(req *Request) (header http.Header, host string) {
	header = make(http.Header, len(req.Header)+5)
	for name, values := range req.Header {
		name = HeaderName(name)
		switch {
		case strings.EqualFold(name, headerProxyAuth):
		case name == "Host":
			host = strings.Join(values, "")
		case req.Session != "" && strings.EqualFold(name, c.cfg.Service.sessionHeader):
		default:
			header[name] = values
		}
	}
	values := make([]string, 0, 4) // one array for all
	set := func(name, value string) {
		values = append(values, value)
		header[name] = values[len(values)-1 : len(values) : len(values)]
	}
	byDefault := func(name, value string) {
		if _, there := header[name]; !there {
			set(name, value)
		}
	}
	if req.Compressed {
		byDefault("Accept-Encoding", "gzip, deflate")
	}
	own := ownHeaders(header)
	byDefault("User-Agent", c.cfg.UserAgent)
	byDefault("Accept", "*/*")
	if user := req.URL.User; user != nil {
		password, _ := user.Password()
		byDefault("Authorization", "Basic "+basic(user.Username(), password))
	}
	if req.Body != nil && (req.Length < 0 || req.Length > expectFrom) {
		byDefault("Expect", "100-continue")
	}
	if req.Session != "" {
		set(c.cfg.Service.sessionHeader, req.Session)
	}
	if c.cfg.Service == ZyteAPI {
		c.forZyte(header, own)
	}
	return header, host
}

// HeaderName is how a header's name is written: as it was typed. The service's
// own headers, and those that net/http knows in one form alone, have that form.
func HeaderName(name string) string {
	switch canonical := http.CanonicalHeaderKey(name); canonical {
	case "X-Crawlera-Jobid":
		return "X-Crawlera-JobId"
	case "X-Crawlera-Ua":
		return "X-Crawlera-UA"
	case "X-Crawlera-No-Ua":
		return "X-Crawlera-No-UA"
	case "Zyte-Session-Id":
		return headerZyteSession
	case "Zyte-Iptype":
		return "Zyte-IPType"
	case "Zyte-Jobid":
		return "Zyte-JobId"
	case "Accept", "Accept-Encoding", "Authorization", "Connection", "Content-Length", "Content-Type", "Cookie", "Cookie2",
		"Expect", "Host", "Range", "Referer", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "User-Agent":
		return canonical
	default:
		if strings.HasPrefix(canonical, "X-Crawlera-") || strings.HasPrefix(canonical, "Zyte-") {
			return canonical
		}
		return name
	}
}

// checkHead refuses what would break a request's head: a line break in a value begins
// another header. Its errors quote no value.
func checkHead(method string, header http.Header) error {
	if !httpguts.ValidHeaderFieldName(method) {
		return fmt.Errorf("%q is not a method", method)
	}
	for name, values := range header {
		if !httpguts.ValidHeaderFieldName(name) {
			return fmt.Errorf("%q is not a header name", name)
		}
		for _, value := range values {
			if !httpguts.ValidHeaderFieldValue(value) {
				return fmt.Errorf("the value of header %s holds a control character", name)
			}
		}
	}
	return nil
}
