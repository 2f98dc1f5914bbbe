package commands

import (
	"bufio"
	"context"
	"strings"

	"smp/commands/cli"
	"smp/commands/term"
)

// deleteWorkers is more than sessionWorkers: a pool of thousands is to be gone
// within seconds.
const deleteWorkers = 32

type sessionDeleteOptions struct {
	app           *app
	all, yes      bool
	mine, force   bool
	ignoreMissing bool
}

func newSessionDelete(a *app) *cli.Command {
	o := &sessionDeleteOptions{app: a}
	return &cli.Command{
		Name:    "session delete",
		Args:    "ID|@NAME… | -",
		Summary: "delete sessions",
		About: "Every session is tried; the exit code is that of the first failure in the order of the arguments. " +
			"Nothing is printed on stdout. With - the IDs are read from stdin, one a line. Zyte API deletes no sessions: there " +
			"they are retired in this machine's ledger, and never sent again.",
		Examples: []cli.Example{
			{Line: `smp session delete "$id" @shop`, Does: "two sessions"},
			{Line: "smp session delete - <pool", Does: "those listed in a file"},
			{Line: "smp session delete --mine", Does: "those this machine created and nothing uses"},
			{Line: "smp session delete --all --yes", Does: "all sessions of the key, whoever made them"},
		},
		Flags: []cli.Flag{
			{Name: "all", Usage: "all sessions that the service lists; needs --yes", Set: cli.Switch(&o.all)},
			{Name: "yes", Short: "y", Usage: "with --all: really", Set: cli.Switch(&o.yes)},
			{Name: "mine", Usage: "those this machine created and no live process uses", Set: cli.Switch(&o.mine)},
			{Name: "force", Usage: "with --mine: also those in use", Set: cli.Switch(&o.force)},
			{Name: "ignore-missing", Usage: "a session that is gone already is no failure", Set: cli.Switch(&o.ignoreMissing)},
		},
		Shared: a.sharedFlags(0),
		Run:    o.run,
	}
}

func (o *sessionDeleteOptions) run(ctx context.Context, args []string) error {
	if err := o.check(args); err != nil {
		return err
	}
	ids, err := o.ids(ctx, args)
	if err != nil {
		return err
	}
	refs, c, err := o.app.connectFor(ctx, ids)
	if err != nil {
		return err
	}
	defer c.close()
	r := &deletion{app: o.app, connection: c, options: o}
	if err := r.choose(ctx, refs); err != nil {
		return err
	}
	return r.all(ctx)
}

func (o *sessionDeleteOptions) check(args []string) error {
	switch {
	case o.all && o.mine:
		return cli.Usagef("--all and --mine say different things")
	case (o.all || o.mine) && len(args) > 0:
		return cli.Usagef("name sessions, or say --all or --mine, not both")
	case o.force && !o.mine:
		return cli.Usagef("--force is for --mine")
	case o.yes && !o.all:
		return cli.Usagef("--yes is for --all")
	case o.all && !o.yes:
		return cli.Usagef("--all deletes every session of the key, whoever made it").
			Hint("if that is meant: smp session delete --all --yes").
			Hint("those of this machine only: smp session delete --mine")
	case !o.all && !o.mine && len(args) == 0:
		return cli.Usagef("no session is named").Hint("smp session delete ID…, or --mine, or --all --yes")
	}
	return nil
}

// ids are the arguments; - stands for the lines of stdin.
func (o *sessionDeleteOptions) ids(ctx context.Context, args []string) (ids []string, err error) {
	for _, arg := range args {
		if arg != "-" {
			ids = append(ids, arg)
			continue
		}
		lines, err := term.Await(ctx, o.readIDs)
		if err != nil {
			return nil, err
		}
		ids = append(ids, lines...)
	}
	return ids, nil
}

// readIDs reads one ID a line; blank lines are none.
func (o *sessionDeleteOptions) readIDs() ([]string, error) {
	stdin, err := o.app.stdin.Claim("-")
	if err != nil {
		return nil, cli.Usagef("%v", err)
	}
	var ids []string
	lines := bufio.NewScanner(stdin)
	for lines.Scan() {
		if id := strings.TrimSpace(lines.Text()); id != "" {
			ids = append(ids, id)
		}
	}
	if lines.Err() != nil {
		return nil, cli.Usagef("read stdin: %v", lines.Err())
	}
	return ids, nil
}
