package client

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// Class says what a caller can do about an error.
type Class int

const (
	Unforeseen  Class = iota // nothing known
	Credentials              // key or plan
	SessionDead              // the session is unusable, another one works
	Later                    // come back later
	Upstream                 // the proxy could not fetch it; another try or session may
	Network                  // the endpoint could not be reached or the exchange broke
	Hopeless                 // will not work as asked, however often
)

var classNames = [...]string{"Unforeseen", "Credentials", "SessionDead", "Later", "Upstream", "Network", "Hopeless"}

// String is the class's name as it stands in this package.
func (c Class) String() string { return classNames[c] }

// Error is a failed exchange: an answer of the service's own, or a broken
// network. It never holds the API key.
type Error struct {
	Op      string      // what was tried: "POST http://host:8011/sessions", "CONNECT example.com:443", "GET http://example.com/"
	Class   Class       // by Code, then by Status
	Code    string      // X-Crawlera-Error verbatim, else Zyte-Error-Type; "" = none
	Status  int         // 0 = no answer
	Message string      // first line of the body, or a Zyte problem's title and detail, capped, control characters included; "" = none
	Body    []byte      // capped at 64 KiB
	Header  http.Header // of the answer; nil = no answer
	Service ServiceHeaders
	Err     error // what broke, or what was wrong with an answer that looked good; nil for a plain refusal

	zyteType string // Zyte-Error-Type, or that of the body

	api       bool // /sessions was asked
	tls       bool // the TLS of the endpoint itself is what failed
	unsent    bool
	stale     bool
	badHead   bool
	forwarded bool
}

// Error says what was tried and what came back, in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Status != 0 {
		b.WriteString(": " + strconv.Itoa(e.Status))
		if e.Code != "" {
			b.WriteString(" " + e.Code)
		}
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	switch {
	case e.Message != "":
		b.WriteString(": " + e.Message)
	case e.Status != 0 && e.Code == "" && e.Err == nil && http.StatusText(e.Status) != "":
		b.WriteString(" " + http.StatusText(e.Status))
	}
	return b.String()
}

// Unwrap gives what broke the exchange, nil for a refusal.
func (e *Error) Unwrap() error { return e.Err }

// Repeatable reports whether another try of the same request may succeed. It does
// not say that sending twice is safe: that depends on the method.
func (e *Error) Repeatable() bool {
	return !e.badHead && (e.Class == Later || e.Class == Upstream || e.Class == Network)
}

// Banned reports whether the target banned the outgoing IP. Its session stays
// useless for that target.
func (e *Error) Banned() bool {
	return !e.forwarded && (e.Code == "banned" || e.Code == "slavebanned" ||
		strings.HasSuffix(e.problemType(), "/download/temporary-error") || strings.HasSuffix(e.problemType(), "/download/website-ban"))
}

// problemType is what Zyte API calls the error, also where a legacy code stands beside.
func (e *Error) problemType() string { return cmp.Or(e.zyteType, e.Code) }

// SessionLimit reports whether the key has as many sessions as it may have.
func (e *Error) SessionLimit() bool {
	return !e.forwarded && (e.Code == "user_session_limit" || strings.HasSuffix(e.problemType(), "/over-session-limit"))
}

// TooManyConnections reports whether the service answered 429 and named no limit of
// Zyte API's. So it does when too many requests of the key run at once: its code is then
// too_many_conns, or there is none.
func (e *Error) TooManyConnections() bool {
	return e.Status == http.StatusTooManyRequests && e.Limit() == LimitNone && !e.forwarded
}

// Limit says whose requests are too many.
type Limit int

// Whose requests are too many.
const (
	LimitNone Limit = iota
	LimitKey        // those of the key, or of everybody
	LimitHost       // those to the target's host
)

// Limit is the scope of a limit of Zyte API's that the request was over.
func (e *Error) Limit() Limit {
	switch {
	case e.forwarded:
		return LimitNone
	case strings.HasSuffix(e.problemType(), "-domain-limit"):
		return LimitHost
	case strings.HasSuffix(e.problemType(), "/over-user-limit"), strings.HasSuffix(e.problemType(), "/over-global-limit"):
		return LimitKey
	}
	return LimitNone
}

// ProxyAuth reports whether the service refused the key (407). A restarting service
// answers 407 to valid keys too, for minutes (OBS).
func (e *Error) ProxyAuth() bool {
	return e.Status == http.StatusProxyAuthRequired && !e.forwarded
}

// Dialect tells the service from the version header of an answer, else from its error
// code or realm. It is not known whether every refusal carries a version.
func (e *Error) Dialect() Dialect {
	switch {
	case e.Service.Dialect != DialectUnknown:
		return e.Service.Dialect
	case has(e.Header, headerZyteError):
		return DialectZyte
	case has(e.Header, headerError), strings.Contains(e.Header.Get("Proxy-Authenticate"), `realm="Crawlera"`):
		return DialectSPM
	}
	return DialectUnknown
}

// NoSessionsAPI reports whether the endpoint answered /sessions as no sessions API
// does. Sessions may then still be made with a request ("create").
func (e *Error) NoSessionsAPI() bool {
	return e.api && e.Status != 0 && (e.Class == Unforeseen || e.Code == "bad_endpoint")
}

// SessionsAPI reports whether the failed request was to /sessions, not to a target.
func (e *Error) SessionsAPI() bool { return e.api }

// EndpointTLS reports whether TLS failed with the endpoint itself, not with a
// target.
func (e *Error) EndpointTLS() bool { return e.tls }

// TimedOut reports whether a time limit ended the exchange or the connecting.
func (e *Error) TimedOut() bool {
	var limit interface{ Timeout() bool }
	return errors.Is(e.Err, errNotConnected) || errors.As(e.Err, &limit) && limit.Timeout()
}

// Unsent reports whether the request cannot have left this machine.
func (e *Error) Unsent() bool { return e.unsent }

// Stale reports whether a connection kept from an earlier request ended before the
// first byte of an answer. Unless Unsent, the peer may have closed it while the request
// was on its way: whether the service saw the request is not known.
func (e *Error) Stale() bool { return e.stale }

// BadHead reports whether the answer had a head that cannot be used: net/http refuses
// it, or it switches protocols unasked. It is the target's fault, and another try would
// bring the same.
func (e *Error) BadHead() bool { return e.badHead }

// Forwarded reports whether the answer names an outgoing IP. The target may then have
// written it, so it says nothing of key or session.
func (e *Error) Forwarded() bool { return e.forwarded }

// disbelieve takes back what only the service can say of key and session.
func (e *Error) disbelieve() {
	e.forwarded = true
	e.Service.RetryAfter = 0
	switch e.Class {
	case Credentials, SessionDead, Later:
		e.Class = Upstream
	}
}
