package mock

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// version is what the mock calls itself in X-Crawlera-Version.
const version = "1.43.0-mock"

// refusal is an answer that the service makes itself.
type refusal struct {
	status int
	code   string // of X-Crawlera-Error; "" is none, for it is never sent empty
	body   string
	retry  string // Retry-After
	title  string // of Zyte-Error-Title
	legacy string // X-Crawlera-Error beside a type of Zyte API's
}

// refusals are the service's error codes with their statuses and texts. Where
// no text is known the code's words stand in for it.
var refusals = map[string]refusal{
	"bad_session_id":         {status: 400, body: "Bad session ID"},
	"user_session_limit":     {status: 400, body: "Session limit exceeded"},
	"invalid_request":        {status: 400, body: "Invalid request"},
	"bad_uri":                {status: 401, body: "Bad URI"},
	"user_suspended":         {status: 403, body: "User suspended"},
	"bad_auth":               {status: 407},
	"bad_proxy_auth":         {status: 407, body: "Incorrect authentication data"},
	"too_many_conns":         {status: 429, body: "Parallel connections limit has been reached"},
	"header_auth":            {status: 470, body: "Unauthorized header"},
	"headers_auth":           {status: 470, body: "Unauthorized header"},
	"internal_error":         {status: 500, body: "Unexpected error"},
	"nxdomain":               {status: 502, body: "Error looking up domain"},
	"ehostunreach":           {status: 502, body: "Host is unreachable"},
	"econnrefused":           {status: 502, body: "Connection refused"},
	"econnreset":             {status: 502, body: "Connection reset by peer"},
	"socket_closed_remotely": {status: 502, body: "The socket has been closed remotely"},
	"send_failed":            {status: 502, body: "Send failed"},
	"ssl_tunnel_error":       {status: 502, body: "SSL tunnel error"},
	"client_conn_closed":     {status: 503, body: "Connection closed by client"},
	"noslaves":               {status: 503, body: "No available proxies"},
	"slavebanned":            {status: 503, body: "Website crawl ban"},
	"banned":                 {status: 503, body: "All download attempts failed. Please retry."},
	"serverbusy":             {status: 503, body: "Server busy: too many outstanding requests"},
	"timeout":                {status: 504, body: "Connection timed out"},
	"msgtimeout":             {status: 504, body: "Message passing timeout"},
	"connect_timeout":        {status: 504, body: "Connect timeout"},
	"domain_forbidden":       {status: 523, body: "The domain is forbidden for crawling"},
	"bad_header":             {status: 540, body: "Bad header value"},
	"data_error":             {status: 541, body: "Response size is too big"},
	"bad_endpoint":           {status: 542, body: "Wrong endpoint"},
}

// failed returns the refusal with that code.
func failed(code string) *refusal {
	r, ok := refusals[code]
	if !ok {
		r = refusal{status: http.StatusServiceUnavailable, body: code}
	}
	r.code = code
	return &r
}

var noUpgrade = refusal{status: http.StatusNotImplemented, body: "What the service answers to Upgrade is not known; this mock does not forward it"}

var tooLarge = refusal{status: http.StatusRequestEntityTooLarge, body: "Request headers are too large"}

// unauthorised refuses a control header that the plan does not include.
func (s *Server) unauthorised(header string) *refusal {
	return &refusal{
		status: 470,
		code:   s.cfg.HeaderAuthCode,
		body:   fmt.Sprintf("Unauthorized Crawlera Header: %q", strings.ToLower(header)),
	}
}

// reason is the phrase of a status. Of the service's own statuses only the phrase
// of 523 was ever observed.
func (r *refusal) reason() string {
	if text := http.StatusText(r.status); text != "" {
		return text
	}
	if r.status < 500 {
		return "Bad Request"
	}
	return "Internal Server Error"
}

// text is the body as it is sent.
func (s *Server) text(r *refusal) string {
	switch {
	case s.cfg.isZyte():
		return s.problemBody(r)
	case s.cfg.EmptyBody407 && r.status == http.StatusProxyAuthRequired:
		return ""
	case s.cfg.ErrorNewline && r.body != "":
		return r.body + "\n"
	}
	return r.body
}

// refuse sends an answer of the service's own, and closes the connection. After a
// 407 the connection stays: clients that try without credentials first repeat
// the request on it.
func (x *exchange) refuse(r *refusal) {
	if x.s.cfg.isZyte() {
		r = r.asProblem()
	}
	x.entry.Error = r.code
	header := x.refusalHeader(r)
	kept := r.status == http.StatusProxyAuthRequired && !x.s.cfg.CloseOn407
	if !kept {
		header.Set("Connection", "close")
		header.Set("Proxy-Connection", "close")
	}
	x.answered(r.status, header)
	if kept {
		writeKept(x.w, r.status, header, x.s.text(r))
		return
	}
	c, rest, err := x.hijack()
	if err != nil {
		return
	}
	_, err = c.Write(head(r.status, r.reason(), header, x.bodyOf(r)))
	if err == nil && x.r.ContentLength != 0 {
		linger(c, rest)
	}
	x.s.close(c)
}

// close does not block: closing TLS writes an alert, which a client that does not
// read would hold up.
func (s *Server) close(c net.Conn) { s.running.Go(func() { _ = c.Close() }) }

func (x *exchange) bodyOf(r *refusal) string {
	if x.r.Method == http.MethodHead {
		return ""
	}
	return x.s.text(r)
}

func (x *exchange) refusalHeader(r *refusal) http.Header {
	if x.s.cfg.isZyte() {
		return x.problemHeader(r)
	}
	h := http.Header{}
	h.Set("Content-Length", strconv.Itoa(len(x.s.text(r))))
	h.Set("Content-Type", "text/plain")
	h.Set("Date", x.s.date())
	h.Set("X-Crawlera-Version", version)
	if r.code != "" {
		h.Set("X-Crawlera-Error", r.code)
	}
	if r.retry != "" {
		h.Set("Retry-After", r.retry)
	}
	switch {
	case r.status == http.StatusProxyAuthRequired:
		h.Set("Proxy-Authenticate", `Basic realm="Crawlera"`)
	case r.status == http.StatusUnauthorized && r.code == "bad_proxy_auth":
		h["WWW-Authenticate"] = []string{`Basic realm="Crawlera"`} // the usual spelling, not the canonical one
	}
	x.echo(h)
	if x.session != nil && r.retry == "" {
		x.tellWait(h, false)
	}
	return h
}

// tellWait puts X-Crawlera-Next-Request-In on an answer in a session, from the
// soft limit on.
func (x *exchange) tellWait(h http.Header, namesIP bool) {
	if wait, told := x.s.store.answer(x.session, namesIP); told {
		h["X-Crawlera-Next-Request-In"] = []string{x.s.seconds(wait)}
	}
}

func writeKept(w http.ResponseWriter, status int, header http.Header, body string) {
	for name, values := range header {
		w.Header()[name] = values
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// head formats a whole answer, because net/http knows no other reason phrases than
// the standard ones.
func head(status int, reason string, header http.Header, body string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", status, reason)
	names := make([]string, 0, len(header))
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range header[name] {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	b.WriteString("\r\n")
	b.WriteString(body)
	return b.Bytes()
}

const lingerFor = 500 * time.Millisecond

// linger reads for a while what a refused client is still sending. An immediate
// close would reset the connection, and the client would lose the answer.
func linger(c net.Conn, rest io.Reader) {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	_ = c.SetReadDeadline(time.Now().Add(lingerFor))
	_, _ = io.Copy(io.Discard, rest)
}
