package commands

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	"smp/client"
	"smp/client/mock"
	"smp/commands/cli"
	"smp/commands/process"
)

// runningMock is a mock that answers, with the files it needs.
type runningMock struct {
	server    *mock.Server
	home      process.MockHome
	journal   *os.File // nil for none
	settings  mockSettings
	readyFile string     // removed at the end
	failed    chan error // gets the reason should it stop to answer
}

// start starts the mock on listen. The caller closes it.
func (o *mockOptions) start(ctx context.Context, listen string) (m *runningMock, err error) {
	m = &runningMock{failed: make(chan error, 1)}
	if err := m.build(ctx, o); err != nil {
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
	if m.readyFile, err = announce(o.readyFile, m.settings.variables()); err != nil {
		return nil, errors.Join(err, m.close())
	}
	return m, nil
}

// build makes the mock. Its errors are those of flags.
func (m *runningMock) build(ctx context.Context, o *mockOptions) (err error) {
	if err := checkReadyFile(o.readyFile); err != nil {
		return err
	}
	config := o.config
	if config.Origin, err = mockOrigin(o.origin); err != nil {
		return cli.Usagef("--origin: %v", err)
	}
	if o.journal != "" {
		if m.journal, err = openLog(ctx, "--journal", o.journal); err != nil {
			return err
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

// realDelay is the delay as a client's clock measures it.
func realDelay(c mock.Config) time.Duration {
	return time.Duration(float64(max(c.Delay, 0)) / c.TimeScale)
}
