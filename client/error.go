package client

import "net/http"

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

// Error is a failed exchange: an answer of the service's own, or a broken
// network. It never holds the API key.
type Error struct {
	Op      string      // what was tried: "POST http://host:8011/sessions", "CONNECT example.com:443", "GET http://example.com/"
	Class   Class       // by Code, then by Status
	Code    string      // X-Crawlera-Error verbatim, else Zyte-Error-Type; "" = none
	Status  int         // 0 = no answer
	Message string      // first line of the body, capped, control characters included; "" = none
	Body    []byte      // capped at 64 KiB
	Header  http.Header // of the answer; nil = no answer
	Service Service
	Err     error // what broke; nil for an answer
}

// Error says what was tried and what came back, in one line.
func (e *Error) Error() string { return e.Op }

// Unwrap gives what broke the exchange, nil for an answer.
func (e *Error) Unwrap() error { return e.Err }

// Repeatable says whether the same request may fare better on another try.
// Whether it may be sent twice is for the caller to know.
func (e *Error) Repeatable() bool { return false }

// Banned says whether the outgoing IP is banned by the target.
func (e *Error) Banned() bool { return false }

// SessionLimit says whether the key has as many sessions as it may have.
func (e *Error) SessionLimit() bool { return false }

// ProxyAuth says whether the service did not accept the key (407), which it also
// answers to valid keys for minutes while it restarts.
func (e *Error) ProxyAuth() bool { return false }

// NoSessionsAPI says whether the endpoint answered /sessions as no sessions API
// does: create sessions with a request instead.
func (e *Error) NoSessionsAPI() bool { return false }

// Unsent says whether the request cannot have left this machine.
func (e *Error) Unsent() bool { return false }
