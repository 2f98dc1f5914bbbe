package mock

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// The control endpoints below /_mock/, as methods for Go programs.

// Advance lets d of the service's time pass at once: sessions expire, and held
// requests whose slot has come go on. Time does not go back: below 0, and beyond a
// hundred years in all, it does nothing.
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

// Reset forgets sessions, slots, journal and verdict, and arms the faults of the
// start, as if the mock had just been made. No session ID is given out twice,
// though, and the clock goes on. Requests that are held are answered as those of
// a session that has ended.
func (s *Server) Reset() {
	s.store.reset()
	s.limits.reset()
	s.faults.reset()
	s.journal.reset()
	s.watchers.changed()
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

// DialContext connects to the mock in memory, whatever the address: no listener is
// needed, and nothing leaves the process. Given to a client as its dialer, it lets
// both live inside a testing/synctest bubble, where twelve seconds pass at once.
func (s *Server) DialContext(_ context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, http.ErrServerClosed
	}
	s.serving.Do(func() { s.running.Go(func() { _ = s.http.Serve(s.connQueue) }) })
	s.running.Go(func() { s.connQueue.enqueue(s.wrap(far, nil, nil), s.tls) })
	return near, nil
}
