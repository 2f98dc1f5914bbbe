package commands

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"

	"smp/client"
	"smp/client/durable"
	"smp/client/mock"
	"smp/commands/cli"
	"smp/commands/process"
)

// runningMock is a mock that answers, with the files it needs.
type runningMock struct {
	server  *mock.Server
	home    process.MockHome
	journal *os.File // nil for none
	// readyFile is removed when the mock ends.
	readyFile string
	settings  mockSettings
	failed    chan error // gets the reason should it stop to answer
}

// start starts the mock on listen. The caller closes it.
func (o *mockOptions) start(listen string) (*runningMock, error) {
	m := &runningMock{failed: make(chan error, 1)}
	if err := m.build(o); err != nil {
		return nil, errors.Join(err, m.close())
	}
	if err := m.serve(listen); err != nil {
		return nil, errors.Join(err, m.close())
	}
	m.settings.key, m.settings.caCert = o.config.Key, m.home.CACert()
	if o.config.Service == mock.ServiceZyteAPI {
		m.settings.service = o.config.Service
	}
	m.settings.delay, m.settings.scale = realDelay(o.config), o.config.TimeScale
	if !client.OnLoopback(listen) {
		o.app.messages.Info("listening on %s: who can reach this machine can use the mock", listen)
	}
	if err := m.announce(o.readyFile); err != nil {
		return nil, errors.Join(err, m.close())
	}
	return m, nil
}

// build makes the mock. Its errors are those of flags.
func (m *runningMock) build(o *mockOptions) (err error) {
	if o.readyFile != "" {
		if err := durable.Check(o.readyFile); err != nil {
			return cli.Usagef("--ready-file: %v", err)
		}
	}
	config := o.config
	if config.Origin, err = mockOrigin(o.origin); err != nil {
		return cli.Usagef("--origin: %v", err)
	}
	if o.journal != "" { // appended to: what an earlier run wrote is not lost
		if m.journal, err = os.OpenFile(o.journal, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600); err != nil {
			return cli.Usagef("--journal: %v", err)
		}
		config.Journal = m.journal
	}
	if m.server, err = mock.New(config); err != nil {
		return cli.Usagef("%v", err)
	}
	return nil
}

func (m *runningMock) serve(listen string) (err error) {
	if m.home, err = process.NewMockHome(m.server.CACert()); err != nil {
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
	if m.readyFile != "" {
		errs = append(errs, os.Remove(m.readyFile))
	}
	if m.server != nil {
		errs = append(errs, m.server.Close())
	}
	if m.home != "" {
		errs = append(errs, m.home.Remove())
	}
	if m.journal != nil {
		errs = append(errs, m.journal.Close())
	}
	return errors.Join(errs...)
}

// announce writes the variables to path, "" for nobody who waits for them.
func (m *runningMock) announce(path string) error {
	if path == "" {
		return nil
	}
	if err := writeWhole(path, process.Exports(m.settings.variables())); err != nil {
		return err
	}
	if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() {
		m.readyFile = path
	}
	return nil
}

func writeWhole(path, content string) error {
	f, err := durable.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.WriteString(f, content); err != nil {
		return err
	}
	return f.Commit()
}

// realDelay is the delay as a client's clock measures it.
func realDelay(c mock.Config) time.Duration {
	return time.Duration(float64(max(c.Delay, 0)) / c.TimeScale)
}

// reachable is the address for clients of this machine: loopback for a listener on all
// addresses.
func reachable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return addr.String()
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
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
