package ledger

import (
	"errors"
	"fmt"
	"time"

	"smp/client/spell"
)

var (
	// ErrSessionDead says that a ticket's session was found dead after the
	// ticket was taken. Nothing was sent.
	ErrSessionDead = errors.New("the session was found dead while the request waited")
	// ErrReplacedTooSoon says that a name's session died again within the delay
	// of its last replacement.
	ErrReplacedTooSoon = errors.New("the name's session was replaced less than a delay ago")
	// ErrElsewhere says that what Bind or Once waited for failed in another process.
	ErrElsewhere = errors.New("another process tried the same just now and failed")
)

// TooLate says that a slot lies beyond Pace.Patience. Nothing is reserved.
type TooLate struct {
	Session string
	Name    string        // by which the caller knows the session; Reserve leaves it empty
	Gate    Gate          // that is too long; "" is the session's slot
	Waited  time.Duration // since the slot was asked for
	Wait    time.Duration // from now

	// Unanswered says that an earlier request, whose process lives, has waited for
	// its answer longer than the delay. Wait is then the least that is to come.
	Unanswered bool
}

func (e *TooLate) Error() string {
	wait := spell.Duration(e.Wait.Round(time.Millisecond))
	if e.Gate != "" {
		return fmt.Sprintf("no %s for another %s", e.Gate, wait)
	}
	session := "session " + e.Session
	if e.Name != "" {
		session = "@" + e.Name
	}
	return fmt.Sprintf("%s is not ready for another %s", session, wait)
}

// BusyError says that another process took too long to do what is needed here too. It
// was making the session of a name, or calling the service on behalf of all.
type BusyError struct {
	Kind, Name string // "name" and the name, or "call" and what is called
	Waited     time.Duration
}

func (e *BusyError) Error() string {
	what := "the service is still being asked for its " + e.Name
	if e.Kind == kindName[names] {
		what = "another process is still creating the session of @" + e.Name
	}
	return fmt.Sprintf("%s (waited %s)", what, spell.Duration(e.Waited))
}

// StateError says that the ledger's directory cannot be used.
type StateError struct {
	Op, Path string
	Err      error
}

func (e *StateError) Error() string { return fmt.Sprintf("%s %s: %v", e.Op, e.Path, e.Err) }

func (e *StateError) Unwrap() error { return e.Err }

// Damage says that a record failed its checksum and counts as used just now.
type Damage struct {
	Kind, Name string // "slot", "session", …, and what it was about
}

func (e *Damage) Error() string {
	return fmt.Sprintf("the ledger's %s record of %q is damaged and counts as used just now", e.Kind, e.Name)
}

// errBusy is the cause of a StateError when a lock was not to be had within
// lockLimit.
var errBusy = errors.New("locked by another process for 2s; is one stopped?")

var errNotWaiting = errors.New("the ticket has been used")

var errNoID = errors.New("a session without an id cannot be recorded")
