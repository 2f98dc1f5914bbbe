package commands

import (
	"context"
	"errors"

	"smp/client"
	"smp/client/ledger"
	"smp/client/paced"
	"smp/commands/cli"
)

// connection is what a command needs to send requests: the client, the ledger, and a
// fetcher that joins both.
type connection struct {
	*settings
	client  *client.Client
	ledger  *ledger.Ledger
	fetcher *paced.Fetcher
}

// connectOptions vary a connection. The zero value suits most commands.
type connectOptions struct {
	unpaced    bool // use a ledger in memory if no state directory is usable
	readBuffer int  // as in client.Config
}

// connect builds a connection from the configuration. It needs an API key and
// sends nothing. The caller closes it.
func (a *app) connect(ctx context.Context, opts connectOptions) (*connection, error) {
	s, err := a.settings(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.requireKey(); err != nil {
		return nil, err
	}
	if err := a.notTyped(s.key); err != nil {
		return nil, err
	}
	wire, err := a.newClient(s, opts)
	if err != nil {
		return nil, err
	}
	memory, err := a.openLedger(ctx, s, opts)
	if err != nil {
		return nil, err
	}
	if instead, clear := s.carriesKeyInClear(); clear {
		a.messages.Info("%s carries the API key in clear, and %s does not", s.endpoint, instead)
	}
	a.signalsCaught()
	return &connection{
		settings: s, client: wire, ledger: memory,
		fetcher: &paced.Fetcher{
			Client: wire, Ledger: memory, Scale: s.scale, SessionTimeout: s.sessionTimeout,
			KeyDelay: s.keyDelay(), Target: s.target, Notify: a.eventMessages(),
		},
	}, nil
}

func (c *connection) close() { _ = c.ledger.Close() }

// calling is the context of one call of the sessions API.
func (c *connection) calling(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, c.sessionTimeout, &paced.TimeoutError{After: c.sessionTimeout})
}

func (a *app) newClient(s *settings, opts connectOptions) (*client.Client, error) {
	cfg := client.Config{
		Service:          s.service,
		Endpoint:         s.endpoint,
		Key:              s.key,
		CACert:           s.caCert,
		Insecure:         s.insecure,
		EndpointInsecure: s.proxyInsecure,
		ConnectTimeout:   s.connecting(),
		UserAgent:        "smp/" + thisBuild().Version,
		ReadBuffer:       opts.readBuffer,
	}
	if a.messages.Level.Trace {
		cfg.Trace = a.messages.Trace
	}
	wire, err := client.New(cfg)
	if errors.Is(err, client.ErrNoCertificate) {
		file := s.setting("cacert")
		return nil, file.invalid(errors.New(file.value + " holds no PEM certificate"))
	}
	if err != nil {
		return nil, cli.Usagef("%v", err)
	}
	return wire, nil
}

// openLedger opens the ledger of this endpoint and key.
func (a *app) openLedger(ctx context.Context, s *settings, opts connectOptions) (*ledger.Ledger, error) {
	options := ledger.Options{
		Life:   s.life(),
		Notify: func(err error) { a.messages.Info("%v", err) },
	}
	l, err := a.openStore(ctx, s, options)
	if err == nil || !opts.unpaced {
		return l, err
	}
	a.messages.Info("not recorded for other processes: %v", err)
	return ledger.NewMemory(options), nil
}

// openStore opens the ledger on the server that is configured, else in files.
func (a *app) openStore(ctx context.Context, s *settings, options ledger.Options) (*ledger.Ledger, error) {
	service := client.ServiceID(s.endpoint)
	if s.ledger.URL != nil {
		return ledger.OpenRedis(ctx, s.ledger, ledger.Scope("", service, s.key), options)
	}
	dir, err := a.stateDir(s)
	if err != nil {
		return nil, err
	}
	return ledger.Open(ledger.Scope(dir, service, s.key), options)
}
