package mock

import (
	"context"
	"net"
	"net/http"
)

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
	s.serving.Do(func() { s.running.Go(func() { _ = s.http.Serve(s.intake) }) })
	s.running.Go(func() { s.intake.deliver(s.wrap(far, nil, nil), s.tls) })
	return near, nil
}
