package paced

import (
	"time"

	"smp/client"
)

// Event is something a person may want to be told while a request is under way.
// It is a [Waiting], [GateHeld], [Postponed], [WaitingForProcess], [Created], [Replaced],
// [SessionNotDeleted], [Retrying], [PacedByID], [LedgerTrouble] or [UnknownEndpoint].
type Event interface{ event() }

// Waiting says that a request waits for its slot. It comes about once a second.
type Waiting struct {
	Session string
	Name    string // of the session; empty for none, here and below
	Gate    string // what is waited for instead of the session's slot, as in GateHeld; empty: nothing
	Left    time.Duration
}

// GateHeld says that the service refused a request for the limits of the API key or
// of a host. No process of this machine sends more there until Left has passed.
type GateHeld struct {
	Gate string // "request of the API key", "request to shop.com"
	Left time.Duration
}

// Postponed says that the service asked for a wait before the next request of an
// outgoing IP: no process that shares the ledger sends one earlier.
type Postponed struct {
	Session string // empty for none; then there is an IP
	Name    string
	IP      string // empty where the answer named none
	By      time.Duration
}

// WaitingForProcess says that a request has waited for a second, and goes on waiting,
// until another process is done with what both need. It may come from any goroutine.
type WaitingForProcess struct{ Doing string }

// Created says that the service made a session for this request.
type Created struct{ Session, Name string }

// Replaced says that New took the place of the dead session Old. Name is the
// name that moved to it, or empty.
type Replaced struct{ Old, New, Name string }

// SessionNotDeleted says that a session could not be deleted: one that its name has
// left, or a new one that could not be written down.
type SessionNotDeleted struct {
	Session string
	Err     error
}

// Retrying says that a request failed and is sent again, after a wait of In.
// Either Err is what failed or Status is what the target answered. Attempt
// numbers the repetitions, from 1, of which there are Of at most.
type Retrying struct {
	Attempt, Of int
	In          time.Duration
	Err         error
	Status      int
}

// PacedByID says that a session's outgoing IP could not be learnt, so that its
// requests are paced by its id alone.
type PacedByID struct {
	Session string
	Err     error
}

// LedgerTrouble says that an answer could not be written down. The answer itself
// is whole.
type LedgerTrouble struct{ Err error }

// UnknownEndpoint says that nothing in an answer shows that the endpoint is the service,
// and the API key was sent there. It comes once in the life of a Fetcher.
type UnknownEndpoint struct {
	Endpoint string // host:port
}

func (Waiting) event()           {}
func (GateHeld) event()          {}
func (Postponed) event()         {}
func (WaitingForProcess) event() {}
func (Created) event()           {}
func (Replaced) event()          {}
func (SessionNotDeleted) event() {}
func (Retrying) event()          {}
func (PacedByID) event()         {}
func (LedgerTrouble) event()     {}
func (UnknownEndpoint) event()   {}

func (f *Fetcher) notify(e Event) {
	if f.Notify != nil {
		f.Notify(e)
	}
}

// noticeUnknown notifies of the first answer that shows no sign of the service.
func (f *Fetcher) noticeUnknown(answer *answer) {
	s := &answer.Service
	if answer.Response != nil && s.Dialect == client.DialectUnknown && s.IP == "" && !f.unknown.Swap(true) {
		f.notify(UnknownEndpoint{Endpoint: f.Client.Endpoint()})
	}
}
