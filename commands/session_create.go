package commands

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"smp/commands/cli"
	"smp/commands/curl"
	"smp/commands/request"
)

// createLinger is how long creations under way may go on after a signal. A session
// whose ID is never read counts against the limit until it expires.
const createLinger = 800 * time.Millisecond

// maxCreated is far beyond the 5,000 sessions that the documentation allows a key.
const maxCreated = 100_000

type sessionCreateOptions struct {
	app   *app
	count int
	name  string
	via   string
}

func newSessionCreate(a *app) *cli.Command {
	o := &sessionCreateOptions{app: a, count: 1}
	return &cli.Command{
		Name:    "session create",
		Summary: "create sessions and print their IDs",
		About: "The service chooses the outgoing IP of each session. IDs are printed one a line, each as soon " +
			"as it exists, and kept in this machine's ledger.",
		Examples: []cli.Example{
			{Line: "id=$(smp session create)", Does: "one session"},
			{Line: "smp session create --count 20 >pool", Does: "twenty, in parallel"},
			{Line: "smp session create --name shop", Does: "one that is called @shop from now on"},
		},
		Flags: []cli.Flag{
			{Name: "count", Short: "n", Value: "N", Def: "1", Usage: "how many to create", Set: cli.Whole(&o.count, 1)},
			{Name: "name", Value: "NAME", Usage: "call the session @NAME; one that is called so already is printed instead", Set: cli.NonEmpty(&o.name)},
			{Name: "via", Value: "URL", Usage: "create with a request to URL, where the service has no sessions API", Set: cli.NonEmpty(&o.via)},
		},
		Shared: a.sharedFlags(0),
		Run:    o.run,
	}
}

func (o *sessionCreateOptions) run(ctx context.Context, args []string) error {
	if len(args) > 0 {
		return cli.Usagef("unexpected argument %q", args[0]).Hint("if it is to be the name: smp session create --name %s", strings.TrimPrefix(args[0], "@"))
	}
	if err := o.check(); err != nil {
		return err
	}
	settings, err := o.app.settings(ctx)
	if err != nil {
		return err
	}
	guard := curl.NewGuard(settings.Key)
	if err := request.CheckSession(guard, "--name", o.name); err != nil {
		return asUsage(err)
	}
	target, err := o.viaURL(guard)
	if err == nil && target != nil {
		err = settings.CheckDelays(target.Host)
	}
	if err != nil {
		return err
	}
	c, err := o.app.connect(ctx, connectOptions{})
	if err != nil {
		return err
	}
	defer c.close()
	r := &creation{app: o.app, connection: c, options: o, target: target, sessions: []createdSession{}}
	return r.all(ctx)
}

func (o *sessionCreateOptions) check() (err error) {
	if o.count > maxCreated {
		return cli.Usagef("--count: %d is more than %d", o.count, maxCreated)
	}
	if o.name == "" {
		return nil
	}
	if o.name, err = readName(o.name); err == nil && o.count > 1 {
		err = cli.Usagef("--name is for one session, not for %d", o.count)
	}
	return err
}

func (o *sessionCreateOptions) viaURL(guard curl.Guard) (*url.URL, error) {
	if o.via == "" {
		return nil, nil
	}
	target, user, err := guard.Target(o.via)
	if err == nil && user != nil {
		err = errors.New("the URL holds credentials")
	}
	if err != nil {
		return nil, cli.Usagef("--via: %v", err)
	}
	return target, nil
}
