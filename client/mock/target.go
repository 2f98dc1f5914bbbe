package mock

import (
	"cmp"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// serveTarget serves one request through the proxy, inside a tunnel or not.
func (s *Server) serveTarget(x *exchange) {
	defer x.done()
	concurrent := s.targets.Add(1)
	defer s.targets.Add(-1)
	to := x.target()
	x.entry.Target = s.redactURL(to)
	want, refused := x.admit(to, concurrent)
	if refused != nil {
		x.refuse(refused)
		return
	}
	fault, tries := s.drawForTarget(want)
	x.entry.Attempts = tries
	if fault != nil && !fault.late() {
		x.inject(fault)
		return
	}
	if want.session == createSession {
		refused = x.enterNew()
	}
	if refused != nil {
		x.refuse(refused)
		return
	}
	f := &fetch{exchange: x, to: to, want: want, fault: fault, tries: s.attempts(want)}
	f.run()
}

// admit makes all the checks that can refuse a request before it has any effect.
func (x *exchange) admit(to *url.URL, concurrent int64) (directives, *refusal) {
	if refused := x.s.precheck(x, to, concurrent); refused != nil {
		return directives{}, refused
	}
	want, refused := x.s.directives(x.r.Header)
	if refused == nil && want.hasSession && want.session != createSession {
		refused = x.enter(want.session)
	}
	return want, refused
}

// createSession is the X-Crawlera-Session that asks for a new one.
const createSession = "create"

// precheck refuses a request without a look at its control headers.
func (s *Server) precheck(x *exchange, to *url.URL, concurrent int64) *refusal {
	value, given := first(x.r.Header, "Proxy-Authorization")
	switch {
	case oversized(x.r):
		return &tooLarge
	// CONNECT had the key already. Some clients repeat the key inside the tunnel.
	case (given || x.conn.tunnel == nil) && !s.authorized(value):
		return failed("bad_proxy_auth")
	case x.r.Method == http.MethodConnect:
		return failed("bad_endpoint")
	case !isTarget(to):
		return failed("bad_uri")
	case isUpgrade(x.r.Header):
		return &noUpgrade
	case s.cfg.ConcurrencyLimit > 0 && concurrent > int64(s.cfg.ConcurrencyLimit):
		return failed("too_many_conns")
	}
	return nil
}

// isTarget reports whether a URL is one that can be fetched.
func isTarget(u *url.URL) bool {
	port, err := strconv.ParseUint(cmp.Or(u.Port(), "80"), 10, 16)
	return (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && err == nil && port > 0
}

// isUpgrade reports whether a client wants to speak another protocol. An offer of
// HTTP/2 is not insisted on: whoever makes it reads HTTP/1.1 as well.
func isUpgrade(h http.Header) bool {
	wanted := strings.Join(h["Upgrade"], ",")
	return wanted != "" && !strings.EqualFold(strings.TrimSpace(wanted), "h2c")
}

// target is the URL that the client wants. Inside a tunnel its host is that of the
// CONNECT.
func (x *exchange) target() *url.URL {
	u := *x.r.URL
	if x.conn.tunnel == nil {
		u.Scheme = strings.ToLower(u.Scheme)
		u.Host = withoutDefaultPort(u.Scheme, u.Host)
		return &u
	}
	u.Scheme = "http"
	if x.r.TLS != nil {
		u.Scheme = "https"
	}
	u.Host = x.conn.tunnel.under(u.Scheme)
	return &u
}

func withoutDefaultPort(scheme, hostport string) string {
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		return hostport
	}
	return (&address{host: host, port: port}).under(scheme)
}

// enter puts the request into a live session.
func (x *exchange) enter(id string) *refusal {
	x.entry.Session = x.s.redactID(id)
	x.session = x.s.store.begin(id)
	if x.session == nil {
		x.unknown = x.entry.Session
		return failed("bad_session_id")
	}
	x.entry.IP = x.session.node.ip
	return nil
}

// enterNew puts the request into a new session.
func (x *exchange) enterNew() *refusal {
	x.session = x.s.store.beginNew()
	if x.session == nil {
		return failed("user_session_limit")
	}
	x.entry.Session, x.entry.IP = x.session.id, x.session.node.ip
	return nil
}

// drawForTarget draws the fault of a request. One fault counts for all the attempts
// that the service makes by itself. Attempts that the client asked for draw
// again.
func (s *Server) drawForTarget(want directives) (fault *Fault, tries int) {
	most := 1
	if want.retries > 1 {
		most = s.attempts(want)
	}
	for tries = 1; ; tries++ {
		fault = s.faults.draw(onTarget)
		if fault == nil || fault.late() || tries == most || !repeated(fault.Name) {
			return fault, tries
		}
	}
}

// repeated reports whether the service makes another attempt after that error.
func repeated(code string) bool {
	switch code {
	case "banned", "slavebanned", "noslaves", "econnreset", "econnrefused", "socket_closed_remotely",
		"send_failed", "ehostunreach", "timeout", "connect_timeout", "msgtimeout":
		return true
	}
	return false
}
