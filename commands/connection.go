package commands

import (
	"context"
	"errors"

	"smp/client"
	"smp/client/ledger"
	"smp/client/paced"
	"smp/commands/cli"
	"smp/commands/config"
	"smp/commands/progress"
)

// connection is what a command needs to send requests: the client, the ledger, and a
// fetcher that joins both.
type connection struct {
	*config.Settings
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
	if err := requireKey(s); err != nil {
		return nil, err
	}
	if err := a.notTyped(s.Key); err != nil {
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
	if instead, clear := s.CarriesKeyInClear(); clear {
		a.messages.Info("%s carries the API key in clear, and %s does not", s.Endpoint, instead)
	}
	a.signalsCaught()
	return &connection{
		Settings: s, client: wire, ledger: memory,
		fetcher: &paced.Fetcher{
			Client: wire, Ledger: memory, Scale: s.Scale, SessionTimeout: s.SessionTimeout,
			KeyDelay: s.KeyDelay(), Target: s.Target, Notify: progress.Requests(a.messages),
		},
	}, nil
}

func (c *connection) close() { _ = c.ledger.Close() }

// calling is the context of one call of the sessions API.
func (c *connection) calling(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, c.SessionTimeout, &paced.TimeoutError{After: c.SessionTimeout})
}

// without leaves the events of one kind out of what is told.
func without[E paced.Event](tell func(paced.Event)) func(paced.Event) {
	return func(event paced.Event) {
		if _, left := event.(E); !left {
			tell(event)
		}
	}
}

func (a *app) newClient(s *config.Settings, opts connectOptions) (*client.Client, error) {
	cfg := client.Config{
		Service:          s.Service,
		Endpoint:         s.Endpoint,
		Key:              s.Key,
		CACert:           s.CACert,
		Insecure:         s.Insecure,
		EndpointInsecure: s.ProxyInsecure,
		ConnectTimeout:   s.Connecting(),
		UserAgent:        "smp/" + thisBuild().Version,
		ReadBuffer:       opts.readBuffer,
	}
	if a.messages.Level.Trace {
		cfg.Trace = a.messages.Trace
	}
	wire, err := client.New(cfg)
	if errors.Is(err, client.ErrNoCertificate) {
		file := s.Setting("cacert")
		return nil, file.Invalid(errors.New(file.Value + " holds no PEM certificate"))
	}
	if err != nil {
		return nil, cli.Usagef("%v", err)
	}
	return wire, nil
}

// openLedger opens the ledger of this endpoint and key.
func (a *app) openLedger(ctx context.Context, s *config.Settings, opts connectOptions) (*ledger.Ledger, error) {
	options := ledger.Options{
		Life:   s.Life(),
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
func (a *app) openStore(ctx context.Context, s *config.Settings, options ledger.Options) (*ledger.Ledger, error) {
	service := client.ServiceID(s.Endpoint)
	if s.Ledger.URL != nil {
		return ledger.OpenRedis(ctx, s.Ledger, ledger.Scope("", service, s.Key), options)
	}
	dir, err := a.stateDir(s)
	if err != nil {
		return nil, err
	}
	return ledger.Open(ledger.Scope(dir, service, s.Key), options)
}
