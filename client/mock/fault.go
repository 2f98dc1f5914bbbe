package mock

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Fault is something that goes wrong on purpose.
//
// A fault before (the default) leaves the request without effect: no session is
// made or deleted, no slot taken, no target asked. With a fault after, the
// request has its effect, and only the answer is lost or replaced.
type Fault struct {
	// Name is an X-Crawlera-Error code, or a broken network. The latter is
	// "reset" (the connection), "stall" (no answer, ever), "garbage" (no
	// HTTP), "truncate" (the body ends half-way) or "slow" (256 bytes a
	// second). The last two need an answer and so are always after.
	Name string `json:"name"`

	Count int     `json:"count,omitempty"` // how often, 0 is without end
	Rate  float64 `json:"rate,omitempty"`  // share of the requests that are hit, 0 is all of them
	After bool    `json:"after,omitempty"`

	// On narrows the requests that can be hit: "target", "sessions" or
	// "connect". "" is targets, and the sessions API where the code can come
	// from it, and CONNECT where it can be refused with that code.
	On string `json:"on,omitempty"`

	Status int     `json:"status,omitempty"` // of an error code, 0 is the usual one; required for a code the mock does not know
	Body   *string `json:"body,omitempty"`   // of an error code, nil is the usual one
	Retry  string  `json:"retry_after,omitempty"`
}

// Broken networks.
const (
	faultReset    = "reset"
	faultStall    = "stall"
	faultTruncate = "truncate"
	faultSlow     = "slow"
	faultGarbage  = "garbage"
)

// Kinds of requests that a fault can be narrowed to.
const (
	onTarget   = "target"
	onSessions = "sessions"
	onConnect  = "connect"
)

var (
	networkFaults = []string{faultReset, faultStall, faultTruncate, faultSlow, faultGarbage}

	// Of the error codes, these can come from the sessions API and from
	// CONNECT as well; the others from targets only.
	sessionsCodes = []string{
		"bad_auth", "bad_proxy_auth", "user_session_limit", "header_auth", "headers_auth",
		"user_suspended", "internal_error", "serverbusy", "invalid_request", "bad_endpoint",
	}
	connectCodes = []string{"bad_auth", "bad_proxy_auth", "user_suspended", "ssl_tunnel_error", "bad_uri"}
)

// ParseFault reads NAME[:COUNT][@RATE][:before|after], and accepts :target,
// :sessions or :connect behind it, for what Fault.On says.
func ParseFault(s string) (Fault, error) {
	head, options, _ := strings.Cut(s, ":")
	f := Fault{}
	name, rate, hasRate := strings.Cut(head, "@")
	f.Name = name
	if hasRate {
		if err := f.setRate(rate); err != nil {
			return Fault{}, fmt.Errorf("fault %q: %w", s, err)
		}
	}
	if strings.Contains(s, ":") {
		for _, option := range strings.Split(options, ":") {
			if err := f.set(option); err != nil {
				return Fault{}, fmt.Errorf("fault %q: %w", s, err)
			}
		}
	}
	if err := f.validate(); err != nil {
		return Fault{}, err
	}
	return f, nil
}

// set reads one part behind a colon: COUNT[@RATE] or a word.
func (f *Fault) set(option string) error {
	switch option {
	case "before":
		f.After = false
		return nil
	case "after":
		f.After = true
		return nil
	case onTarget, onSessions, onConnect:
		f.On = option
		return nil
	}
	count, rate, hasRate := strings.Cut(option, "@")
	if hasRate {
		if err := f.setRate(rate); err != nil {
			return err
		}
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 1 {
		return fmt.Errorf("%q is neither a count nor before, after, target, sessions or connect", count)
	}
	f.Count = n
	return nil
}

func (f *Fault) setRate(s string) error {
	rate, err := strconv.ParseFloat(s, 64)
	if err != nil || !(rate > 0 && rate <= 1) {
		return fmt.Errorf("rate %q: want more than 0 and at most 1", s)
	}
	f.Rate = rate
	return nil
}

func (f *Fault) validate() error {
	_, known := refusals[f.Name]
	if _, problem := problemType(f.Name); problem {
		known = true
	}
	switch {
	case f.Name == "":
		return fmt.Errorf("a fault without a name: want an X-Crawlera-Error code or one of %s", strings.Join(networkFaults, ", "))
	case !known && f.Status == 0 && !slices.Contains(networkFaults, f.Name):
		return fmt.Errorf("fault %q: want an X-Crawlera-Error code or one of %s", f.Name, strings.Join(networkFaults, ", "))
	case strings.ContainsAny(f.Name+f.Retry, "\r\n"):
		return fmt.Errorf("fault %q: a line break", f.Name)
	case f.Count < 0 || !(f.Rate >= 0 && f.Rate <= 1):
		return fmt.Errorf("fault %q: want a count of at least 0 and a rate from 0 to 1", f.Name)
	case f.Status != 0 && (f.Status < 200 || f.Status > 999):
		return fmt.Errorf("fault %q: status %d", f.Name, f.Status)
	case f.On == onConnect && (f.Name == faultTruncate || f.Name == faultSlow):
		return fmt.Errorf("fault %q: the answer to CONNECT has no body, so that it cannot be on connect", f.Name)
	case f.On == onConnect && f.After:
		return fmt.Errorf("fault %q: CONNECT has no effect that the fault could come after", f.Name)
	case f.On != "" && f.On != onTarget && f.On != onSessions && f.On != onConnect:
		return fmt.Errorf("fault %q: want it on target, sessions or connect, not on %q", f.Name, f.On)
	}
	return nil
}

// matches reports whether the fault can hit requests of that kind.
func (f *Fault) matches(kind string) bool {
	if f.On != "" {
		return f.On == kind
	}
	network := slices.Contains(networkFaults, f.Name)
	if name, known := problemType(f.Name); known {
		return kind == onTarget || kind == onConnect && strings.HasPrefix(name, "/auth/")
	}
	switch kind {
	case onSessions:
		return network || slices.Contains(sessionsCodes, f.Name)
	case onConnect:
		return slices.Contains(connectCodes, f.Name)
	}
	return true
}

// late reports whether the fault damages an answer rather than prevents it.
func (f *Fault) late() bool {
	return f.After || f.Name == faultTruncate || f.Name == faultSlow
}

// refusal is the answer with the fault's error code.
func (f *Fault) refusal() *refusal {
	r := failed(f.Name)
	if name, known := problemType(f.Name); known {
		r = problemOf(name)
	}
	if f.Status != 0 {
		r.status = f.Status
	}
	if f.Body != nil {
		r.body = *f.Body
	}
	r.retry = f.Retry
	return r
}

// FaultNames lists the names of a [Fault] that need no Status. Broken networks
// come first, then the error codes that the mock knows, then the types of Zyte
// API's.
func FaultNames() []string {
	return slices.Concat(networkFaults, slices.Sorted(maps.Keys(refusals)), slices.Sorted(maps.Keys(problems)))
}

// faultNames are those of FaultNames that the service has.
func (c Config) faultNames() []string {
	return slices.DeleteFunc(FaultNames(), func(name string) bool { return c.checkFaults([]Fault{{Name: name}}) != nil })
}
