package relay

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"smp/client/authority"
	"smp/client/paced"
)

// Config says what a relay does. It is read once, by New.
type Config struct {
	Fetcher   *paced.Fetcher
	Authority *authority.Authority // from CA

	// Job is what every request is sent as: its delay, patience and rules. Session is
	// that of requests that name none; Request is ignored.
	Job paced.Job

	Header http.Header // of the service, sent with every request that has none of its own
	Rules  Rules
	Expose bool // leave the service's headers on answers

	// Token is the password that proxy credentials must have; "" asks for none. Without
	// it, on Linux, connections of other users of this machine are closed.
	Token string

	// Explain puts a failure into words for the client; nil means the error's own.
	Explain func(error) Explanation

	// Refused is told of connections that were closed because they belong to another
	// user; nil for nobody.
	Refused func(net.Addr)

	// Hash adds the digest of each body to its Exchange.
	Hash bool

	// Finished is told of every request when its answer has ended, from its goroutine;
	// nil for nobody.
	Finished func(*Exchange)
}

const (
	headPatience = time.Minute      // for the rest of a head that has begun, and for TLS
	idlePatience = 30 * time.Minute // between two requests, and for the first byte in a tunnel
	maxHead      = 1 << 20          // the service takes 100 KiB, and says so itself
)

// Server is one relay. Its methods are safe for concurrent use.
type Server struct {
	cfg    Config
	conns  *connQueue
	turns  *turns
	stats  *stats
	pieces pieces
	bodies room // of requests that wait
	http   *http.Server
	tls    *tls.Config

	ctx      context.Context // of all requests
	stop     context.CancelCauseFunc
	draining context.Context // ends when requests that were not sent yet are to be given up
	drain    context.CancelFunc

	serving sync.Once
	working sync.WaitGroup

	mu        sync.Mutex
	closed    bool // takes no connection more
	ended     bool // starts nothing more
	listeners []net.Listener
	created   []string
}

// New makes a relay that serves nothing yet.
func New(cfg Config) *Server {
	if cfg.Explain == nil {
		cfg.Explain = func(err error) Explanation { return Explanation{ExitCode: 1, Message: err.Error()} }
	}
	s := &Server{cfg: cfg, conns: newConnQueue(), turns: newTurns(), stats: newStats()}
	s.bodies.most = mostKept
	s.ctx, s.stop = context.WithCancelCause(context.Background())
	s.draining, s.drain = context.WithCancel(context.Background())
	s.tls = cfg.Authority.ServerConfig(tunnelHost)
	s.http = &http.Server{
		Handler:                      http.HandlerFunc(s.serve),
		BaseContext:                  func(net.Listener) context.Context { return s.ctx },
		ConnContext:                  withConn,
		ReadHeaderTimeout:            headPatience,
		IdleTimeout:                  idlePatience,
		MaxHeaderBytes:               maxHead,
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     log.New(io.Discard, "", 0),
	}
	return s
}

// tunnelHost is the host of a TLS client that names none.
func tunnelHost(hello *tls.ClientHelloInfo) string {
	c, ok := hello.Conn.(*conn)
	if !ok {
		return ""
	}
	host, _, _ := net.SplitHostPort(c.tunnel)
	return host
}

// Serve answers the connections of l until Close or Shutdown, when it returns
// http.ErrServerClosed, or until l fails. It closes l. Requests that name no session
// are sent in session; nil means the Config's. A relay may serve several listeners.
func (s *Server) Serve(l net.Listener, session *paced.Ref) error {
	defer l.Close()
	if !s.add(l) {
		return http.ErrServerClosed
	}
	s.serving.Do(func() { s.start(func() { _ = s.http.Serve(s.conns) }) })
	ref := s.cfg.Job.Session
	if session != nil {
		ref = *session
	}
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
			s.start(func() { s.accept(&conn{Conn: c, defaults: defaults{ref: ref}}) })
		case s.isClosed():
			return http.ErrServerClosed
		case isTemporary(err):
			s.pause()
		default:
			return err
		}
	}
}

// isTemporary reports whether a listener that failed may go on.
func isTemporary(err error) bool {
	temporary, ok := errors.AsType[interface {
		error
		Temporary() bool
	}](err)
	return ok && temporary.Temporary()
}

// pause waits until there may be file descriptors again.
func (s *Server) pause() {
	select {
	case <-time.After(10 * time.Millisecond):
	case <-s.ctx.Done():
	}
}

func (s *Server) accept(c *conn) {
	if s.cfg.Token == "" {
		same, gone := sameUser(c.Conn)
		if !same && !gone && s.cfg.Refused != nil {
			s.cfg.Refused(c.RemoteAddr())
		}
		if !same {
			_ = c.Close()
			return
		}
	}
	s.conns.enqueue(c)
}

func (s *Server) add(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.listeners = append(s.listeners, l)
	}
	return !s.closed
}

// begin counts something that Close waits for; it says false when it is too late for
// that.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return false
	}
	s.working.Add(1)
	return true
}

func (s *Server) start(f func()) {
	if s.begin() {
		go func() {
			defer s.working.Done()
			f()
		}()
	}
}

func (s *Server) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// Shutdown accepts nothing more, gives up requests that were not sent yet, lets the
// others end until ctx does, and closes the relay.
func (s *Server) Shutdown(ctx context.Context) error {
	s.closeListeners()
	s.drain()
	err := s.http.Shutdown(ctx)
	return errors.Join(err, s.Close())
}

var errClosed = errors.New("the relay has ended")

// Close ends every connection and every request, and waits for them. It may be called
// more than once.
func (s *Server) Close() error {
	s.closeListeners()
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.drain()
	s.stop(errClosed)
	_ = s.conns.Close()
	err := s.http.Close()
	s.working.Wait()
	return err
}

func (s *Server) closeListeners() {
	s.mu.Lock()
	s.closed = true
	listeners := s.listeners
	s.listeners = nil
	s.mu.Unlock()
	for _, l := range listeners {
		_ = l.Close()
	}
}

// Created lists the sessions that requests with the session "create" have made, and
// that nobody else knows of.
func (s *Server) Created() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.created...)
}
