package commands

import (
	"context"
	"errors"

	"smp/client/ledger"
	"smp/client/paced"
	"smp/commands/cli"
)

type sessionForgetOptions struct{ app *app }

func newSessionForget(a *app) *cli.Command {
	o := &sessionForgetOptions{app: a}
	return &cli.Command{
		Name:    "session forget",
		Args:    "ID|@NAME…",
		Summary: "drop sessions from this machine's ledger only",
		About:   "The sessions go on at the service, and names that led to them are free again. Nobody is asked.",
		Examples: []cli.Example{
			{Line: "smp session forget @shop", Does: "let the name begin a new session"},
		},
		Shared: a.sharedFlags(0),
		Run:    o.run,
	}
}

func (o *sessionForgetOptions) run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return cli.Usagef("no session is named").Hint("smp session forget ID|@NAME…")
	}
	refs, c, err := o.app.connectFor(ctx, args)
	if err != nil {
		return err
	}
	defer c.close()
	forgotten, errs := []string{}, make([]error, len(refs))
	for i, ref := range refs {
		id, err := forget(c.ledger, ref)
		if errs[i] = c.in(ref, err, paced.OnDeadName); err == nil {
			forgotten = append(forgotten, id)
		}
	}
	err = joinParts(errs)
	if !o.app.out.JSON {
		return err
	}
	return errors.Join(err, o.app.out.PrintJSON(ctx, struct {
		Forgotten []string       `json:"forgotten"`
		Error     *paced.Failure `json:"error"`
	}{forgotten, o.app.errorJSON(ctx, err)}))
}

func forget(l *ledger.Ledger, ref paced.Ref) (id string, err error) {
	if id, err = resolveSession(l, ref); err != nil {
		return "", err
	}
	_, known, err := l.Session(id)
	if err != nil {
		return "", err
	}
	if !known {
		return "", unknownSession(id, "the ledger")
	}
	return id, l.Forget(id)
}
