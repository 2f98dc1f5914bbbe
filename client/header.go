package client

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
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
	headerProxyAuth     = "Proxy-Authorization"
)

// expectFrom is the size from which a body waits for the service's leave. Without
// it an early refusal of a large upload is mostly lost as a broken pipe.
const expectFrom = 1 << 20

// header is what goes out with req, and the Host where the caller names one.
//
// Proxy-Authorization of the caller's never goes out: on an https target it would
// travel into the tunnel, on http beside our own.
func (c *Client) header(req *Request) (header http.Header, host string) {
	header = make(http.Header, len(req.Header)+5)
	for name, values := range req.Header {
		name = spelling(name)
		switch {
		case strings.EqualFold(name, headerProxyAuth):
		case name == "Host":
			host = strings.Join(values, "")
		case req.Session != "" && strings.EqualFold(name, headerSession):
		default:
			header[name] = values
		}
	}
	byDefault := func(name, value string) {
		if _, there := header[name]; !there {
			header[name] = []string{value}
		}
	}
	byDefault("User-Agent", c.cfg.UserAgent)
	byDefault("Accept", "*/*")
	if user := req.URL.User; user != nil {
		password, _ := user.Password()
		byDefault("Authorization", "Basic "+basic(user.Username(), password))
	}
	if req.Compressed {
		byDefault("Accept-Encoding", "gzip, deflate")
	}
	if req.Body != nil && (req.Length < 0 || req.Length > expectFrom) {
		byDefault("Expect", "100-continue")
	}
	if req.Session != "" {
		header[headerSession] = []string{req.Session}
	}
	return header, host
}

// spelling is how a header's name is written: as the caller typed it, but for the
// service's own and for those that net/http only knows in one form.
func spelling(name string) string {
	switch canonical := http.CanonicalHeaderKey(name); canonical {
	case "X-Crawlera-Jobid":
		return "X-Crawlera-JobId"
	case "X-Crawlera-Ua":
		return "X-Crawlera-UA"
	case "X-Crawlera-No-Ua":
		return "X-Crawlera-No-UA"
	case "Host", "User-Agent", "Accept", "Accept-Encoding", "Authorization", "Connection", "Content-Length",
		"Cookie", "Expect", "Range", "Trailer", "Transfer-Encoding", "Upgrade":
		return canonical
	default:
		if strings.HasPrefix(canonical, "X-Crawlera-") {
			return canonical
		}
		return name
	}
}

// checkHead refuses what must not be written: a line break in a value would start
// a header of its own. Errors name no value.
func checkHead(method string, header http.Header) error {
	if strings.IndexFunc(method, notToken) >= 0 {
		return fmt.Errorf("%q is no method", method)
	}
	for name, values := range header {
		if name == "" || strings.IndexFunc(name, notToken) >= 0 {
			return fmt.Errorf("%q is no header name", name)
		}
		for _, value := range values {
			if strings.IndexFunc(value, notText) >= 0 {
				return fmt.Errorf("the value of header %s holds a control character", name)
			}
		}
	}
	return nil
}

func notToken(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
}

func notText(r rune) bool { return r != '\t' && (r < ' ' || r == 0x7f) }

// upload puts a body into net/http's terms, where a length of 0 means unknown.
func upload(b io.ReadCloser, length int64) (io.ReadCloser, int64) {
	if length == 0 {
		b.Close()
		return http.NoBody, 0
	}
	if file, ok := b.(syscall.Conn); ok {
		return &fileSource{source{b}, file}, length
	}
	return &source{b}, length
}

// source marks errors of the caller's own body, which are not the network's.
type source struct{ io.ReadCloser }

func (s *source) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = &sourceError{err}
	}
	return n, err
}

// fileSource shows that it is a file: over plain TCP the system then copies it,
// which halves the time of a large upload.
type fileSource struct {
	source
	syscall.Conn
}

type sourceError struct{ err error }

func (e *sourceError) Error() string { return "read the request's body: " + e.err.Error() }
func (e *sourceError) Unwrap() error { return e.err }
