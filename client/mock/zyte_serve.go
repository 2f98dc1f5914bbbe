package mock

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// serveZyte is one request through Zyte API's proxy mode.
func (s *Server) serveZyte(x *exchange) {
	defer x.done()
	s.targets.Add(1)
	defer s.targets.Add(-1)
	to := x.target()
	x.entry.Target = s.redactURL(to)
	asked, refused := x.admitZyte(to)
	if refused != nil {
		x.refuse(refused)
		return
	}
	fault := s.faults.draw(onTarget)
	early := fault != nil && !fault.late()
	if early && !fault.atTarget() {
		x.inject(fault)
		return
	}
	if refused := x.enterZyte(asked); refused != nil {
		x.refuse(refused)
		return
	}
	if early {
		x.inject(fault)
		return
	}
	f := &zyteFetch{fetch: fetch{exchange: x, to: to, want: asked.directives, fault: fault, tries: 1}, asked: asked}
	f.run()
}

// checkFaults refuses errors that the service which the mock is does not have.
func (c Config) checkFaults(faults []Fault) error {
	for _, f := range faults {
		_, ofZyte := problemType(f.Name)
		if f.Status == 0 && ofZyte != c.isZyte() && !slices.Contains(networkFaults, f.Name) {
			return fmt.Errorf("fault %q: the service %s has no such error", f.Name, c.Service)
		}
	}
	return nil
}

// atTarget reports whether a fault is told by what the target did: then the request
// reached it, in a session that it may have begun.
func (f *Fault) atTarget() bool {
	name, known := problemType(f.Name)
	return known && strings.HasPrefix(name, "/download/")
}

// admitZyte is all that can refuse a request before anything is done for it.
func (x *exchange) admitZyte(to *url.URL) (zyteAsked, *refusal) {
	value, given := first(x.r.Header, "Proxy-Authorization")
	switch {
	case zyteOversized(x.r):
		return zyteAsked{}, problemOf("/request/header-size")
	case (given || x.conn.tunnel == nil) && !x.s.authorized(value):
		return zyteAsked{}, problemOf("/auth/proxy-auth-not-valid")
	case x.r.Method == http.MethodConnect:
		return zyteAsked{}, invalid("CONNECT inside a tunnel.")
	case !isTarget(to):
		return zyteAsked{}, invalid("The URL is not valid.")
	}
	asked, refused := x.s.zyteAsked(x.r.Header)
	if refused != nil {
		return asked, refused
	}
	if over, wait := x.s.limits.admit(strings.ToLower(to.Hostname()), x.arrived); over != "" {
		return asked, x.s.overLimit(over, wait)
	}
	return asked, nil
}

// enterZyte finds or begins the request's session, and enters in the verdict that
// an ID of an ended one was sent.
func (x *exchange) enterZyte(asked zyteAsked) *refusal {
	switch {
	case !asked.hasSession:
		return nil
	case asked.session == createSession:
		return x.enterNew()
	case !isUUID4(asked.session):
		x.entry.Session = x.s.redactID(asked.session)
		x.unknown = x.entry.Session
		return problemOf("/problem/session-expired")
	}
	x.entry.Session = x.s.redactID(strings.ToLower(asked.session))
	s, use, end := x.s.store.use(x.entry.Session, x.arrived)
	x.noteUse(use, end)
	switch use {
	case usedDead:
		x.unknown = x.entry.Session
		return problemOf("/problem/session-expired")
	case overLimit:
		return problemOf("/problem/over-session-limit")
	}
	x.session = s
	x.entry.IP = s.node.ip
	return nil
}

// noteUse enters a request with the ID of an ended session in the verdict. One that
// crossed the answer with the third ban is nobody's fault.
func (x *exchange) noteUse(use idUse, end ending) {
	crossed := end.banned && x.arrived.Sub(end.at) < x.s.clock.service(crossingWait)
	if use != reusedDead && (use != usedDead || crossed) {
		return
	}
	x.entry.Verdict = verdictDead
	x.s.store.noteDead(DeadID{
		Request: x.entry.Request, Time: x.arrived, Ended: end.at, Session: x.entry.Session,
		Conn: x.entry.Conn, Method: x.entry.Method, Target: x.entry.Target, Reused: use == reusedDead,
	})
}
