package mock

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// serveTarget is one request through the proxy, in the clear or in a tunnel.
func (s *Server) serveTarget(x *exchange) {
	defer x.done()
	crowd := s.targets.Add(1)
	defer s.targets.Add(-1)
	to := x.target()
	x.entry.Target = s.clean(to)
	want, refused := x.admit(to, crowd)
	if refused != nil {
		x.refuse(refused)
		return
	}
	fault, tries := s.drawForTarget(want)
	x.entry.Attempts = tries
	if fault != nil && !fault.late() {
		x.spoil(fault)
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

// admit is all that can refuse a request before anything is done for it.
func (x *exchange) admit(to *url.URL, crowd int64) (wishes, *refusal) {
	if refused := x.s.precheck(x, to, crowd); refused != nil {
		return wishes{}, refused
	}
	want, refused := x.s.wishes(x.r.Header)
	if refused == nil && want.hasSession && want.session != createSession {
		refused = x.enter(want.session)
	}
	return want, refused
}

// createSession is the X-Crawlera-Session that asks for a new one.
const createSession = "create"

// precheck refuses what the service need not look into.
func (s *Server) precheck(x *exchange, to *url.URL, crowd int64) *refusal {
	value, given := first(x.r.Header, "Proxy-Authorization")
	switch {
	case oversized(x.r):
		return &tooLarge
	// The CONNECT had the key already, yet some clients repeat it inside.
	case (given || x.conn.tunnel == nil) && !s.admits(value):
		return failed("bad_proxy_auth")
	case x.r.Method == http.MethodConnect:
		return failed("bad_endpoint")
	case to.Scheme != "http" && to.Scheme != "https" || to.Hostname() == "":
		return &refusal{status: http.StatusBadRequest, code: "bad_uri", body: "Bad URI"}
	case s.cfg.ConcurrencyLimit > 0 && crowd > int64(s.cfg.ConcurrencyLimit):
		return failed("too_many_conns")
	}
	return nil
}

// target is the URL that is asked for. Inside a tunnel the CONNECT has named
// the host.
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

// enter takes part in a live session.
func (x *exchange) enter(id string) *refusal {
	x.entry.Session = x.s.cleanID(id)
	x.session = x.s.store.begin(id)
	if x.session == nil {
		x.unknown = x.entry.Session
		return failed("bad_session_id")
	}
	x.entry.IP = x.session.node.ip
	return nil
}

// enterNew makes a session for the request.
func (x *exchange) enterNew() *refusal {
	x.session = x.s.store.beginNew()
	if x.session == nil {
		return failed("user_session_limit")
	}
	x.entry.Session, x.entry.IP = x.session.id, x.session.node.ip
	return nil
}

// drawForTarget draws the fault of a request. It spoils all the tries that the
// service makes on its own; where the client asks for tries, each draws anew.
func (s *Server) drawForTarget(want wishes) (fault *Fault, tries int) {
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

// repeated says whether the service tries again after that error of one try.
func repeated(code string) bool {
	switch code {
	case "banned", "slavebanned", "noslaves", "econnreset", "econnrefused", "socket_closed_remotely",
		"send_failed", "ehostunreach", "timeout", "connect_timeout", "msgtimeout":
		return true
	}
	return false
}
