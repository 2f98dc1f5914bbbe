package relay

import (
	"net/http"
	"regexp"
	"strings"
)

// StaticPolicy says what becomes of requests of kind [Static].
type StaticPolicy int

// What becomes of static requests.
const (
	StaticFree    StaticPolicy = iota // sent through the endpoint without a session
	StaticSession                     // sent in the session, at its slots
	StaticBlock                       // answered 204 and not sent
)

// Rules decide what is sent, and what of it in a session. The zero value sends
// pages and data in the session and static files without one.
type Rules struct {
	Static StaticPolicy
	Keep   []*regexp.Regexp // of host and path ("shop.com/cart"): sent in the session, whatever the kind
	Block  []*regexp.Regexp // of host and path: answered 403
	Noise  bool             // send what browsers ask for on their own account
}

// route is what becomes of a request.
type route int

const (
	inSession route = iota
	withoutSession
	dropped   // answered 204
	forbidden // answered 403
)

// route decides for a request, whose URL is absolute. What a person wrote comes
// before what the kind says; a host that is kept is not noise.
func (r *Rules) route(req *http.Request, kind Kind) route {
	place := strings.ToLower(req.URL.Hostname()) + req.URL.EscapedPath()
	switch {
	case matches(r.Block, place):
		return forbidden
	case matches(r.Keep, place):
		return inSession
	case !r.Noise && isNoise(req.URL):
		return dropped
	case kind != Static || r.Static == StaticSession:
		return inSession
	case r.Static == StaticBlock:
		return dropped
	}
	return withoutSession
}

func matches(expressions []*regexp.Regexp, place string) bool {
	for _, e := range expressions {
		if e.MatchString(place) {
			return true
		}
	}
	return false
}
