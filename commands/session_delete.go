package commands

import (
	"bufio"
	"context"
	"errors"
	"strings"

	"smp/client/paced"
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

func newSessionDelete(a *app) *command {
	o := &sessionDeleteOptions{app: a}
	return &command{
		name:    "session delete",
		args:    "ID|@NAME… | -",
		summary: "delete sessions",
		about: "Every session is tried; the exit code is that of the first failure in the order of the arguments. " +
			"Nothing is printed on stdout. With - the IDs are read from stdin, one a line.",
		examples: []example{
			{`smp session delete "$id" @shop`, "two sessions"},
			{"smp session delete - <pool", "those listed in a file"},
			{"smp session delete --mine", "those this machine created and nothing uses"},
			{"smp session delete --all --yes", "all sessions of the key, whoever made them"},
		},
		flags: []flag{
			{name: "all", usage: "all sessions that the service lists; needs --yes", set: on(&o.all)},
			{name: "yes", short: "y", usage: "with --all: really", set: on(&o.yes)},
			{name: "mine", usage: "those this machine created and no live process uses", set: on(&o.mine)},
			{name: "force", usage: "with --mine: also those in use", set: on(&o.force)},
			{name: "ignore-missing", usage: "a session that is gone already is no failure", set: on(&o.ignoreMissing)},
		},
		run: o.run,
	}
}

func (o *sessionDeleteOptions) run(ctx context.Context, args []string) error {
	if err := o.check(args); err != nil {
		return err
	}
	refs, err := o.refs(args)
	if err != nil {
		return err
	}
	c, err := o.app.connect(ctx, connectOptions{})
	if err != nil {
		return err
	}
	defer c.close()
	r := &deleting{app: o.app, connection: c, options: o}
	if err := r.choose(ctx, refs); err != nil {
		return err
	}
	return r.all(ctx)
}

func (o *sessionDeleteOptions) check(args []string) error {
	switch {
	case o.all && o.mine:
		return usagef("--all and --mine say different things")
	case (o.all || o.mine) && len(args) > 0:
		return usagef("name sessions, or say --all or --mine, not both")
	case o.force && !o.mine:
		return usagef("--force is for --mine")
	case o.yes && !o.all:
		return usagef("--yes is for --all")
	case o.all && !o.yes:
		return usagef("--all deletes every session of the key, whoever made it").
			hint("if that is meant: smp session delete --all --yes").
			hint("those of this machine only: smp session delete --mine")
	case !o.all && !o.mine && len(args) == 0:
		return usagef("no session is named").hint("smp session delete ID…, or --mine, or --all --yes")
	}
	return nil
}

// refs reads the arguments; - stands for the lines of stdin.
func (o *sessionDeleteOptions) refs(args []string) ([]paced.Ref, error) {
	var ids []string
	for _, arg := range args {
		if arg != "-" {
			ids = append(ids, arg)
			continue
		}
		lines, err := o.readIDs()
		if err != nil {
			return nil, err
		}
		ids = append(ids, lines...)
	}
	refs, err := sessionRefs(ids)
	if usage, ok := errors.AsType[*usageError](err); ok && strings.Contains(usage.message, `\t`) {
		usage.hint("one ID a line: smp session list | cut -f1 | smp session delete -")
	}
	return refs, err
}

// readIDs reads one ID a line; blank lines are none.
func (o *sessionDeleteOptions) readIDs() ([]string, error) {
	stdin, err := o.app.stdin.Claim("-")
	if err != nil {
		return nil, usagef("%v", err)
	}
	var ids []string
	lines := bufio.NewScanner(stdin)
	for lines.Scan() {
		if id := strings.TrimSpace(lines.Text()); id != "" {
			ids = append(ids, id)
		}
	}
	if lines.Err() != nil {
		return nil, usagef("read stdin: %v", lines.Err())
	}
	return ids, nil
}
