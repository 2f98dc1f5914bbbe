package mock

import "errors"

// Fault is something that goes wrong on purpose.
type Fault struct {
	Name  string  `json:"name"`             // an X-Crawlera-Error code, or reset, stall, truncate, slow, garbage
	Count int     `json:"count,omitempty"`  // how often, 0 is always
	Rate  float64 `json:"rate,omitempty"`   // share of the requests, 0 is all
	After bool    `json:"after,omitempty"`  // once the request has had its effect; else instead of it
	On    string  `json:"on,omitempty"`     // "target", "sessions" or "connect" only
	Code  int     `json:"status,omitempty"` // status of a code the mock does not know
	Text  string  `json:"body,omitempty"`   // body of an error code, "" is the usual one
}

// ParseFault reads NAME[:COUNT][@RATE][:before|after], and accepts
// :target, :sessions or :connect behind it.
func ParseFault(s string) (Fault, error) { return Fault{}, errors.New("not there yet") }
