package commands

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"smp/client/ledger"
	"smp/client/paced"
	"smp/commands/cli"
	"smp/commands/process"
)

// deleteLimit is how long the deletion of the session may take, also after a signal.
const deleteLimit = 10 * time.Second

type sessionRunOptions struct {
	app  *app
	name string
}

func newSessionRun(a *app) *cli.Command {
	o := &sessionRunOptions{app: a}
	return &cli.Command{
		Name:    "session run",
		Args:    "-- COMMAND ARG…",
		Summary: "run a command with a session of its own, deleted afterwards",
		About: "COMMAND finds the session in SMP_SESSION, which smp fetch goes by, and the endpoint's settings in the other " +
			"variables. The session is deleted however COMMAND ends. The exit code is COMMAND's, or 125: smp failed " +
			"before it ran, 126: it cannot be executed, 127: it is not there, 128+N: signal N killed it.",
		Examples: []cli.Example{
			{Line: "smp session run -- smp fetch https://httpbin.org/ip", Does: "one request in a session that is gone afterwards"},
			{Line: "smp session run -- sh script.sh", Does: "all requests of a script from one IP"},
			{Line: "smp session run --name shop -- sh script.sh", Does: "the session is called @shop meanwhile"},
		},
		Flags: []cli.Flag{
			{Name: "name", Value: "NAME", Usage: "call the session @NAME while COMMAND runs", Set: cli.NonEmpty(&o.name)},
		},
		Shared:  a.sharedFlags(jsonFlag),
		ArgsEnd: true,
		Run:     o.run,
	}
}

// run creates the session once COMMAND is known to be there, and deletes it when COMMAND
// has ended.
func (o *sessionRunOptions) run(ctx context.Context, args []string) error {
	if err := o.check(args); err != nil {
		return err
	}
	c, err := o.app.connect(ctx, connectOptions{})
	if err != nil {
		return beforeCommand(err)
	}
	defer c.close()
	if err := c.CheckDelays(); err != nil {
		return err
	}
	r := &sessionRun{app: o.app, connection: c, name: o.name}
	if err := r.begin(ctx); err != nil {
		return errors.Join(beforeCommand(err), r.end())
	}
	code, err := r.runCommand(ctx, args)
	o.app.tellUndeleted(r.end())
	return cmp.Or(err, exitAs(code))
}

func (o *sessionRunOptions) check(args []string) (err error) {
	if o.name != "" {
		if o.name, err = readName(o.name); err != nil {
			return err
		}
	}
	if err := o.app.keyReadTwice("COMMAND"); err != nil {
		return err
	}
	return findCommand(args, "smp session run -- COMMAND ARG…")
}

// sessionRun is one run of COMMAND and its session.
type sessionRun struct {
	*connection
	app     *app
	name    string
	id      string // "" until the session exists
	release func() // marks it as no longer in use
}

// begin creates the session, writes it down, and marks it as in use.
func (r *sessionRun) begin(ctx context.Context) error {
	late, cancel := linger(ctx, createLinger)
	defer cancel()
	var err error
	if r.name == "" {
		_, err = r.create(late)
	} else {
		err = r.createNamed(late)
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause // a signal, which explains any error
	}
	if err == nil {
		r.release, err = r.ledger.Use(r.id)
	}
	return err
}

func (r *sessionRun) create(ctx context.Context) (ledger.Session, error) {
	session, err := r.fetcher.NewSession(ctx)
	r.id = session.ID
	return session, err
}

// createNamed refuses a name that has a session: deleting it at the end would take it
// from others.
func (r *sessionRun) createNamed(ctx context.Context) error {
	id, made, err := r.ledger.Bind(ctx, ledger.Binding{Name: r.name, Wait: r.fetcher.Wait(r.SessionTimeout, "creating the session of @"+r.name)}, r.create)
	if err == nil && !made {
		return &exitError{code: exitNotStarted, err: fmt.Errorf("@%s is session %s already", r.name, id), hints: []string{
			"if nothing uses it any more: smp session delete --ignore-missing @" + r.name,
		}}
	}
	return err
}

func (r *sessionRun) runCommand(ctx context.Context, args []string) (int, error) {
	environ, err := r.environ()
	if err != nil {
		return 0, beforeCommand(err)
	}
	return r.app.runCommand(ctx, &process.Command{Args: args, Env: environ})
}

// end deletes the session, and the one that took its name meanwhile. A session that is
// gone is no failure.
func (r *sessionRun) end() error {
	if r.release != nil {
		r.release()
	}
	if r.id == "" {
		return nil
	}
	ctx, cancel := context.WithTimeoutCause(context.Background(), deleteLimit, &paced.TimeoutError{After: deleteLimit})
	defer cancel()
	ids := []string{r.id}
	if heir, ok, err := r.ledger.Lookup(r.name); r.name != "" && err == nil && ok && heir != r.id {
		ids = append(ids, heir)
	}
	return r.deleteOwn(ctx, ids)
}
