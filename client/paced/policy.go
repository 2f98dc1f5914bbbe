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

	// RetryDelay is the wait before a repetition where the service names none; 0 is the
	// back-off. Nothing is repeated after RetryFor, counted from the beginning, nor where
	// the service wants a wait beyond it; 0 is no limit.
	RetryDelay, RetryFor time.Duration

	// MovesAreRetries counts a request's moving to another session among the Retry
	// repetitions. Without it a request may move once, whatever Retry says.
	MovesAreRetries bool
}

// outcome is what one request came to, as far as the next step depends on it.
type outcome struct {
	Err       *client.Error // nil: the target answered, or Died
	Died      bool          // the session was found dead while the request waited: nothing was sent
	Status    int           // of the target's answer
	Location  bool          // the answer names another place
	Method    string
	Spent     bool // the request's body cannot be sent again
	Named     bool // the session was given by name
	InSession bool // the request went out in a session that exists
	Retries   int  // repetitions so far
	Replaced  bool // this request has moved to another session already
	Stale     bool // a kept connection ended before an answer began (see client.Error.Stale)
	Unsent    bool // and the request was not written to it
	Again     bool // this request was repeated for its connection already
	Late      bool // RetryFor has passed, or will have when the service allows a repetition
}

// Action is what follows a request.
type Action int

// What follows a request.
const (
	Return  Action = iota // this is the answer, or the failure
	Wait                  // repeat it after a while
	Replace               // repeat it in a new session
	follow                // go where it points
	again                 // repeat it at its next slot, on a new connection
)

// next is the one place that decides what follows a request, for a single fetch
// and for a line of a batch alike. It is pure.
func (r Rules) next(o outcome) Action {
	switch {
	case r.replaces(o):
		return Replace
	case o.Died:
		return Return
	case o.Err == nil:
		return r.afterAnswer(o)
	case r.goesAgain(o):
		return again
	case !o.Late && o.Retries < r.Retry && r.repeatsError(o):
		return Wait
	}
	return Return
}

func (r Rules) afterAnswer(o outcome) Action {
	switch {
	case r.Follow && o.Location && isRedirect(o.Status):
		return follow
	case !o.Late && o.Retries < r.Retry && transientStatus(o.Status) && r.repeatable(o):
		return Wait
	}
	return Return
}

// replaces reports whether the request goes to another session. A request whose id
// was refused was never forwarded, and one whose session died before it was never
// sent: any method may go again. A banned request may have reached the target.
func (r Rules) replaces(o outcome) bool {
	if !o.InSession || r.OnDead == OnDeadFail || !r.moves(o) {
		return false
	}
	switch {
	case o.Died:
		return o.Named || r.OnDead == OnDeadReplace
	case o.Err == nil || o.Spent:
		return false
	case o.Err.Class == client.SessionDead:
		return o.Named || r.OnDead == OnDeadReplace
	}
	return r.OnDead == OnDeadReplace && o.Err.Banned() && r.repeatable(o)
}

// goesAgain reports whether a request goes once more because the connection that it was
// sent on, kept from an earlier request, had ended. Retry does not count it: a browser
// and curl do the same. Whether the service saw the request is not known.
func (r Rules) goesAgain(o outcome) bool {
	return o.Stale && !o.Again && !o.Spent && (o.Unsent || r.repeatable(o))
}

// moves reports whether the request may go to another session once more.
func (r Rules) moves(o outcome) bool {
	if r.MovesAreRetries {
		return o.Retries < r.Retry
	}
	return !o.Replaced
}

func (r Rules) repeatsError(o outcome) bool {
	if o.Err.ProxyAuth() {
		return r.RetryAuth && r.repeatable(o)
	}
	return o.Err.Repeatable() && r.repeatable(o)
}

func (r Rules) repeatable(o outcome) bool {
	return !o.Spent && (r.RetryAllMethods || idempotent(o.Method))
}

// idempotent reports whether a method may be sent twice with the effect of once
// (RFC 9110, section 9.2.2).
func idempotent(method string) bool {
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
