package mock

import (
	"errors"
	"net"
)

// Server is one mock service with all its state. Its methods are safe for
// concurrent use.
type Server struct {
	cfg   Config
	clock *clock
}

// New returns a mock that serves nothing yet. Close it when done.
func New(cfg Config) (*Server, error) { return nil, errors.New("not there yet") }

// Start returns a mock that serves on a free port of 127.0.0.1.
func Start(cfg Config) (*Server, error) { return nil, errors.New("not there yet") }

// Serve answers the connections of l until Close, or until l fails. It closes
// l. A mock may serve several listeners.
func (s *Server) Serve(l net.Listener) error { return errors.New("not there yet") }

// URL is the endpoint, "http://127.0.0.1:PORT".
func (s *Server) URL() string { return "" }

// CACert is the PEM certificate of the authority that signs for every https
// target.
func (s *Server) CACert() []byte { return nil }

// Verdict says which requests came before their slot.
func (s *Server) Verdict() Verdict { return Verdict{} }

// Close ends every connection and every held request, and waits for them.
func (s *Server) Close() error { return nil }
