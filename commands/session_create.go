package commands

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"smp/client/paced"
	"smp/commands/curl"
)

// createLinger is how long creations that are under way may go on after the run was
// stopped: a session whose ID is never read would count until it expires.
const createLinger = 800 * time.Millisecond

// maxCreated is far beyond the 5,000 sessions that the documentation allows a key.
const maxCreated = 100_000

type sessionCreateOptions struct {
	app   *app
	count int
	name  string
	via   string
}

func newSessionCreate(a *app) *command {
	o := &sessionCreateOptions{app: a, count: 1}
	return &command{
		name:    "session create",
		summary: "create sessions and print their IDs",
		about: "Each session has an outgoing IP of its own choosing by the service. IDs are printed one a line, each as soon " +
			"as it exists, and kept in this machine's ledger.",
		examples: []example{
			{"id=$(smp session create)", "one session"},
			{"smp session create --count 20 >pool", "twenty, in parallel"},
			{"smp session create --name shop", "one that is called @shop from now on"},
		},
		flags: []flag{
			{name: "count", short: "n", value: "N", def: "1", usage: "how many to create", set: whole(&o.count, 1)},
			{name: "name", value: "NAME", usage: "call the session @NAME; one that is called so already is printed instead", set: nonEmpty(&o.name)},
			{name: "via", value: "URL", usage: "create with a request to URL, where the service has no sessions API", set: nonEmpty(&o.via)},
		},
		run: o.run,
	}
}

func (o *sessionCreateOptions) run(ctx context.Context, args []string) error {
	if err := noArgs(args); err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	settings, err := o.app.settings(ctx)
	if err != nil {
		return err
	}
	guard := curl.NewGuard(settings.key)
	if err := checkSession(guard, "--name", o.name); err != nil {
		return asUsage(err)
	}
	target, err := o.viaURL(guard)
	if err != nil {
		return err
	}
	c, err := o.app.connect(ctx, connectOptions{})
	if err != nil {
		return err
	}
	defer c.close()
	r := &creating{app: o.app, connection: c, options: o, target: target, sessions: []createdSession{}}
	return r.all(ctx)
}

func (o *sessionCreateOptions) check() error {
	if o.count > maxCreated {
		return usagef("--count: %d is more than %d", o.count, maxCreated)
	}
	if o.name == "" {
		return nil
	}
	o.name = strings.TrimPrefix(o.name, "@")
	if _, err := paced.ParseRef("@" + o.name); err != nil {
		return usagef("--name: %v", err)
	}
	if o.count > 1 {
		return usagef("--name is for one session, not for %d", o.count)
	}
	return nil
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
		return nil, usagef("--via: %v", err)
	}
	return target, nil
}
