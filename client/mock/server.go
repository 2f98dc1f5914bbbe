package mock

import (
	"cmp"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"smp/client/authority"
)

const (
	maxHeader    = 100 << 10 // of the service
	readHeader   = 128 << 10 // of net/http, which a client may fill before it has shown a key
	closeTimeout = 5 * time.Second

	acceptPause = 10 * time.Millisecond // until there may be file descriptors again
)

// Server is one mock service with all its state. Its methods are safe for
// concurrent use.
type Server struct {
	cfg       Config
	secrets   []string // left out of the journal
	clock     *clock
	started   time.Time
	authority *authority.Authority
	origin    http.Handler
	store     *store
	limits    *limits
	faults    *faults
	journal   *journal
	watchers  watchers
	connQueue *connQueue
	http      *http.Server
	page      func() http.Handler
	tls       *tls.Config

	serving  sync.Once
	running  sync.WaitGroup
	targets  atomic.Int64 // requests through the proxy, now
	requests atomic.Int64 // of any kind but control, so far

	mu        sync.Mutex
	closed    bool
	url       string
	listeners []net.Listener
}

// New returns a mock that serves nothing yet. Its clock starts now. The error
// says what in cfg makes no sense.
func New(cfg Config) (*Server, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	ca, err := authority.New("smp mock")
	if err != nil {
		return nil, err
	}
	if err := cfg.checkFaults(cfg.Faults); err != nil {
		return nil, err
	}
	faults, err := newFaults(cfg.Faults, cfg.Seed)
	if err != nil {
		return nil, err
	}
	s := &Server{
		cfg:       cfg,
		secrets:   secrets(cfg.Key),
		clock:     newClock(cfg.TimeScale),
		started:   time.Now(),
		authority: ca,
		origin:    cfg.Origin,
		faults:    faults,
		journal:   newJournal(cfg.Journal),
		connQueue: newConnQueue(),
		page:      sync.OnceValue(func() http.Handler { return pageHandler(cfg.faultNames()) }),
	}
	if s.origin == nil {
		s.origin = HTTPBin()
	}
	s.store = newStore(cfg, s.clock)
	s.limits = newLimits(cfg)
	s.tls = ca.ServerConfig(presumedHost)
	s.http = &http.Server{
		Handler:                      http.HandlerFunc(s.serve),
		ConnContext:                  withConn,
		MaxHeaderBytes:               readHeader,
		ReadHeaderTimeout:            headLimit,
		IdleTimeout:                  idleLimit,
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     log.New(io.Discard, "", 0),
	}
	return s, nil
}

// Start returns a mock that serves on a free port of 127.0.0.1.
func Start(cfg Config) (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s, err := New(cfg)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	if err := s.listen(l); err != nil {
		return nil, err
	}
	go func() { _ = s.accept(l) }()
	return s, nil
}

// Serve answers the connections of l until Close, when it returns
// http.ErrServerClosed, or until l fails. It closes l. A mock may serve
// several listeners.
func (s *Server) Serve(l net.Listener) error {
	if err := s.listen(l); err != nil {
		return err
	}
	return s.accept(l)
}

func (s *Server) listen(l net.Listener) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return cmp.Or(l.Close(), http.ErrServerClosed)
	}
	stampArrivals(l)
	s.running.Add(1)
	s.listeners = append(s.listeners, l)
	if s.url == "" {
		s.url = "http://" + reachable(l.Addr())
	}
	s.serving.Do(func() { s.running.Go(func() { _ = s.http.Serve(s.connQueue) }) })
	return nil
}

func (s *Server) accept(l net.Listener) error {
	defer s.running.Done()
	defer l.Close()
	for {
		c, err := l.Accept()
		if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ECONNABORTED) {
			s.clock.sleep(s.clock.now().Add(s.clock.service(acceptPause)), nil, s.connQueue.closed)
			continue
		}
		if err != nil {
			return s.acceptError(err)
		}
		s.running.Go(func() { s.connQueue.enqueue(s.wrap(c, nil, nil), s.tls) })
	}
}

// begin counts a request that Close waits for; it says false when it is too late for
// that.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.running.Add(1)
	return true
}

func (s *Server) acceptError(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return http.ErrServerClosed
	}
	return err
}

// reachable is an address as a client calls it: any of the machine's own
// becomes the loopback one.
func reachable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return addr.String()
	}
	if tcp.IP.IsUnspecified() {
		return (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: tcp.Port}).String()
	}
	return tcp.String()
}

// listensAt reports whether the mock listens on that port of any address.
func (s *Server) listensAt(port uint16) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.listeners, func(l net.Listener) bool {
		at, err := netip.ParseAddrPort(l.Addr().String())
		return err == nil && at.Port() == port
	})
}

// URL is the endpoint, "http://127.0.0.1:PORT", or "" before Serve. The same
// port answers https://.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url
}

// CACert is the certificate, in PEM, of the authority that signs for every
// https target and for an https endpoint. It is made anew for each mock.
func (s *Server) CACert() []byte { return s.authority.CertPEM() }

// Verdict says which requests came before their slot.
func (s *Server) Verdict() Verdict { return s.store.verdict() }

// Close ends every connection and every held request, and waits for them. It
// may be called more than once.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	listeners := s.listeners
	s.listeners = nil
	s.mu.Unlock()
	for _, l := range listeners {
		_ = l.Close()
	}
	_ = s.connQueue.Close()
	err := s.http.Close()
	s.wait()
	return errors.Join(err, s.journal.err())
}

// wait waits a bounded time: a target may not notice that its client has gone.
func (s *Server) wait() {
	done := make(chan struct{})
	go func() { s.running.Wait(); close(done) }()
	timer := time.NewTimer(closeTimeout)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}
