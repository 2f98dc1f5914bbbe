package mock

import (
	"errors"
	"time"
)

// What the control endpoints below /_mock/ do, for programs that hold the mock.

// Advance lets d of the service's time pass at once: sessions expire, and held
// requests whose slot has come go on. Time does not go back: below 0 it does nothing.
func (s *Server) Advance(d time.Duration) {
	if d > 0 {
		s.clock.advance(d)
		s.watchers.changed()
	}
}

// Arm adds faults to those that are armed already. The error says which of them
// makes no sense; then none is armed.
func (s *Server) Arm(faults ...Fault) error {
	var err error
	for _, f := range faults {
		err = errors.Join(err, f.validate())
	}
	if err == nil {
		err = s.cfg.checkFaults(faults)
	}
	if err == nil {
		s.faults.arm(faults)
		s.watchers.changed()
	}
	return err
}

// Journal returns the last 10,000 requests that have ended, in that order. One
// whose answer a client has just read may still be missing; after Close none is.
func (s *Server) Journal() []Entry {
	kept := s.journal.after(0)
	entries := make([]Entry, len(kept))
	for i := range kept {
		entries[i] = kept[i].entry()
	}
	return entries
}
