package commands

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"smp/client/mock"
)

// runningMock is a mock that answers, with the files it needs.
type runningMock struct {
	server   *mock.Server
	home     mockHome
	journal  *os.File // nil for none
	settings mockSettings
	failed   chan error // gets the reason should it stop to answer
}

// start starts the mock on listen. The caller closes it.
func (o *mockOptions) start(listen string) (*runningMock, error) {
	m := &runningMock{failed: make(chan error, 1)}
	if err := m.openJournal(o); err != nil {
		return nil, err
	}
	if err := m.serve(o.config, listen); err != nil {
		return nil, errors.Join(err, m.close())
	}
	m.settings.key, m.settings.caCert = o.config.Key, m.home.caCert()
	m.settings.delay, m.settings.scale = realDelay(o.config), o.config.TimeScale
	return m, nil
}

// openJournal opens the journal to append to: an earlier run's is not lost.
func (m *runningMock) openJournal(o *mockOptions) error {
	if o.journal == "" {
		return nil
	}
	f, err := os.OpenFile(o.journal, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return usagef("--journal: %v", err)
	}
	m.journal, o.config.Journal = f, f
	return nil
}

func (m *runningMock) serve(config mock.Config, listen string) (err error) {
	if m.server, err = mock.New(config); err != nil {
		return err
	}
	if m.home, err = newMockHome(m.server.CACert()); err != nil {
		return err
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return &listenError{listen, err}
	}
	m.settings.endpoint = "http://" + reachable(l.Addr())
	go func() { m.failed <- m.server.Serve(l) }()
	return nil
}

// close ends every connection and removes what the mock put on disk.
func (m *runningMock) close() error {
	var errs []error
	if m.server != nil {
		errs = append(errs, m.server.Close())
	}
	if m.home != "" {
		errs = append(errs, m.home.remove())
	}
	if m.journal != nil {
		errs = append(errs, m.journal.Close())
	}
	return errors.Join(errs...)
}

// reachable is an address for clients of this machine: one that stands for all
// of its addresses becomes loopback.
func reachable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return addr.String()
	}
	host := "127.0.0.1"
	if tcp.IP.To4() == nil && tcp.IP != nil {
		host = "::1"
	}
	return net.JoinHostPort(host, fmt.Sprint(tcp.Port))
}

// isLoopback says whether only this machine reaches what listens on listen.
func isLoopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil || host == "localhost" {
		return err == nil
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// listenError says that the mock cannot listen where it was asked to.
type listenError struct {
	address string
	err     error
}

func (e *listenError) Error() string {
	if errors.Is(e.err, syscall.EADDRINUSE) {
		return fmt.Sprintf("listen on %s: something else listens there", e.address)
	}
	return e.err.Error()
}

func (e *listenError) Unwrap() error { return e.err }
