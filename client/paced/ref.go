package paced

import (
	"fmt"
	"strings"

	"smp/client"
)

// RefKind tells the ways to name a session.
type RefKind int

// The ways to name a session.
const (
	RefNone   RefKind = iota // no session
	RefID                    // an id of the service
	RefCreate                // a new session, made by the request itself
	RefName                  // a name of this machine's ledger
)

// createWord is the value of X-Crawlera-Session that asks for a new session
// (documented; protocol: sessions page).
const createWord = "create"

// maxNameLength bounds the names a ledger binds.
const maxNameLength = 64

// Ref names the session a request goes out in.
type Ref struct {
	Kind  RefKind
	Value string // the id, or the name without its @
}

// String gives the form that [ParseRef] reads.
func (r Ref) String() string {
	switch r.Kind {
	case RefCreate:
		return createWord
	case RefName:
		return "@" + r.Value
	default:
		return r.Value
	}
}

// ParseRef reads "ID", "@NAME" or "create". The empty string is an error: a
// script's unset variable must not become a request without a session.
func ParseRef(s string) (Ref, error) {
	switch {
	case s == "":
		return Ref{}, fmt.Errorf("the session is empty")
	case s == createWord:
		return Ref{Kind: RefCreate}, nil
	case strings.HasPrefix(s, "@"):
		if !validName(s[1:]) {
			return Ref{}, fmt.Errorf("%q is not a session name: 1 to %d of A-Z a-z 0-9 . _ - after the @", s, maxNameLength)
		}
		return Ref{Kind: RefName, Value: s[1:]}, nil
	case !client.ValidSessionID(s):
		return Ref{}, fmt.Errorf("%q is not a session ID", s)
	}
	return Ref{Kind: RefID, Value: s}, nil
}

func validName(name string) bool {
	if name == "" || len(name) > maxNameLength {
		return false
	}
	return strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == ""
}
