package commands

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"strings"

	"smp/client/paced"
	"smp/commands/cli"
	"smp/commands/process"
)

// execOptions are what the command line of smp exec says.
type execOptions struct {
	relayFlags
	app *app
	own string // name of the session that exec makes; "" where it makes none
}

func newExec(a *app) *cli.Command {
	o := &execOptions{app: a}
	return &cli.Command{
		Name:     "exec",
		Args:     "-- COMMAND ARG…",
		Summary:  "run any tool through a paced session, deleted afterwards",
		About:    aboutRelay(execAbout),
		Examples: execExamples,
		Flags:    o.flags(),
		Shared:   a.sharedFlags(jsonFlag),
		ArgsEnd:  true,
		Run:      o.run,
	}
}

// run is the life of a relay for one command. The session is made by the first
// request that needs it, under a name of its own, so that a dead one is replaced.
func (o *execOptions) run(ctx context.Context, args []string) (err error) {
	session, err := o.check(ctx, args)
	if err != nil {
		return err
	}
	conn, err := o.app.connect(ctx, connectOptions{unpaced: o.session.Unpaced, readBuffer: relayReadBuffer})
	if err != nil {
		return beforeCommand(err)
	}
	defer conn.close()
	if o.own != "" {
		conn.fetcher.Notify = without[paced.Created](conn.fetcher.Notify) // nobody asked for it
	}
	r, err := o.start(ctx, o.app, conn, session, "", []listenSpec{{address: "127.0.0.1:0"}})
	if err != nil {
		return beforeCommand(err)
	}
	defer func() { err = errors.Join(err, r.close()) }()
	code, err := r.command(ctx, args)
	r.end(o.own, err == nil)
	return cmp.Or(err, exitAs(code))
}

func (o *execOptions) check(ctx context.Context, args []string) (paced.Ref, error) {
	s, err := o.app.settings(ctx)
	if err != nil {
		return paced.Ref{}, err
	}
	session, err := o.relayFlags.check(s, o.app.env.lookup("SMP_SESSION"))
	if err == nil && session.Kind == paced.RefNone && !o.session.NoSession {
		err = o.checkIn(s, &paced.Ref{Kind: paced.RefCreate})
		o.own = "exec-" + strings.ToLower(rand.Text()[:12])
		session = paced.Ref{Kind: paced.RefName, Value: o.own}
	}
	if err != nil {
		return session, err
	}
	return session, findCommand(args, "smp exec -- COMMAND ARG…")
}

func (r *runningRelay) command(ctx context.Context, args []string) (int, error) {
	environ, dropped := withholdKey(r.app.env.Environ(), r.conn.Key)
	for _, name := range dropped {
		r.app.messages.Info("%s holds the API key, and is not handed to %s", name, args[0])
	}
	return r.app.runCommand(ctx, &process.Command{Args: args, Env: process.SetVariables(environ, r.settings.Variables())})
}

// end deletes what COMMAND's requests made: the session of that name, and those they
// asked for themselves. It tells of a COMMAND that ran and sent nothing.
func (r *runningRelay) end(name string, ran bool) {
	direct := ran && !r.server.Stats().Used()
	_ = r.server.Close()
	ids := r.server.Created()
	if id, ok, err := r.conn.ledger.Lookup(name); name != "" && err == nil && ok {
		ids = append(ids, id)
	}
	ctx, cancel := context.WithTimeout(context.Background(), deleteLimit)
	defer cancel()
	r.app.tellUndeleted(r.conn.deleteOwn(ctx, ids))
	if direct {
		r.app.messages.Info("nothing came through the relay: COMMAND may have ignored the proxy variables and gone direct; see smp help exec")
	}
}
