package paced

import (
	"net/http"
	"time"

	"smp/client"
)

// OnDead says what a dead session may be replaced for.
type OnDead int

// What a dead session may be replaced for.
const (
	OnDeadName    OnDead = iota // names only: the default
	OnDeadFail                  // nothing
	OnDeadReplace               // names and ids, and a ban counts as death
)

// Rules say what may be done without asking.
type Rules struct {
	Retry           int  // further requests after the first
	RetryAllMethods bool // also repeat methods that are not idempotent
	RetryAuth       bool // also repeat a 407: the service answers it for minutes when it restarts
	OnDead          OnDead
	Follow          bool // follow redirects
}

// Outcome is what one request came to, as far as the next step depends on it.
type Outcome struct {
	Err        *client.Error // nil: the target answered
	Status     int           // of the target's answer
	Location   bool          // the answer names another place
	Method     string
	Named      bool          // the session was given by name
	InSession  bool          // the request went out in a session that exists
	RetryAfter time.Duration // what the answer asks to wait; 0 where it does not
	Retries    int           // repetitions so far
	Replaced   bool          // this request was already repeated in a new session
}

// Step is what follows a request.
type Step int

// What follows a request.
const (
	Return  Step = iota // this is the answer, or the failure
	Wait                // repeat it after a while
	Replace             // repeat it in a new session
	Follow              // go where it points
)

// Next is the one place that decides what follows a request, for a single fetch
// and for a line of a batch alike. It is pure.
func (r Rules) Next(o Outcome) Step {
	if o.Err == nil {
		return r.afterAnswer(o)
	}
	if r.replaces(o) {
		return Replace
	}
	if o.Retries < r.Retry && r.repeatsError(o) {
		return Wait
	}
	return Return
}

func (r Rules) afterAnswer(o Outcome) Step {
	switch {
	case r.Follow && o.Location && isRedirect(o.Status):
		return Follow
	case o.Retries < r.Retry && transientStatus(o.Status) && r.repeatable(o.Method):
		return Wait
	}
	return Return
}

// replaces holds a request that the service refused for its session against what
// the caller allows. A refused id was never forwarded, so that any method may go
// again; a banned request may have reached the target.
func (r Rules) replaces(o Outcome) bool {
	if !o.InSession || o.Replaced || r.OnDead == OnDeadFail {
		return false
	}
	if o.Err.Class == client.SessionDead {
		return o.Named || r.OnDead == OnDeadReplace
	}
	return r.OnDead == OnDeadReplace && o.Err.Banned() && r.repeatable(o.Method)
}

func (r Rules) repeatsError(o Outcome) bool {
	if o.Err.ProxyAuth() {
		return r.RetryAuth && r.repeatable(o.Method)
	}
	return o.Err.Repeatable() && r.repeatable(o.Method)
}

func (r Rules) repeatable(method string) bool {
	return r.RetryAllMethods || Idempotent(method)
}

// Idempotent says whether a method may be sent twice with the effect of once
// (RFC 9110, section 9.2.2).
func Idempotent(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodTrace, "":
		return true
	}
	return false
}

// transientStatus are the answers of a target that another try may better.
func transientStatus(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= 500
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// The back-off between repetitions doubles from the first to the last of these.
const (
	firstBackOff = time.Second
	lastBackOff  = 5 * time.Minute
)

// BackOff is the longest wait before repetition number n (from 0); the wait itself
// is a random part of it ("full jitter"), so that parallel callers spread out.
func BackOff(n int, scale float64) time.Duration {
	longest := lastBackOff
	if n < 16 {
		longest = min(firstBackOff<<n, lastBackOff)
	}
	return scaled(longest, scale)
}

func scaled(d time.Duration, scale float64) time.Duration {
	if scale <= 0 || scale == 1 {
		return d
	}
	return time.Duration(float64(d) / scale)
}
