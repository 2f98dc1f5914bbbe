package commands

import (
	"bufio"
	"context"
	"errors"
	"slices"
	"strings"

	"smp/client"
	"smp/client/ledger"
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
			{"smp session delete 42 @shop", "two sessions"},
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
	c, err := o.app.connect(connectOptions{})
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
	stdin, err := o.app.stdin.claim("-")
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

// deleting is a run of session delete.
type deleting struct {
	*connection
	app     *app
	options *sessionDeleteOptions
	targets []target
}

// target is one session to delete, and what became of it.
type target struct {
	id      string
	err     error
	missing bool // it was gone already
}

// choose finds the sessions to delete, each once.
func (r *deleting) choose(ctx context.Context, refs []paced.Ref) error {
	switch {
	case r.options.all:
		ctx, cancel := r.calling(ctx)
		defer cancel()
		listed, err := r.client.ListSessions(ctx)
		for _, s := range listed {
			r.targets = append(r.targets, target{id: s.ID})
		}
		return err
	case r.options.mine:
		remembered, err := r.ledger.Sessions()
		r.chooseMine(remembered)
		return err
	}
	seen := map[string]bool{}
	for _, ref := range refs {
		id, err := resolveSession(r.ledger, ref)
		if err != nil {
			_, unbound := errors.AsType[*paced.UnknownNameError](err)
			r.targets = append(r.targets, target{id: ref.String(), err: err, missing: unbound})
		} else if !seen[id] {
			seen[id] = true
			r.targets = append(r.targets, target{id: id})
		}
	}
	return nil
}

func (r *deleting) chooseMine(remembered []ledger.Session) {
	slices.SortStableFunc(remembered, func(a, b ledger.Session) int { return compareIDs(a.ID, b.ID) })
	inUse := 0
	for _, s := range remembered {
		switch {
		case !s.Mine || s.Dead:
		case s.InUse && !r.options.force:
			inUse++
		default:
			r.targets = append(r.targets, target{id: s.ID})
		}
	}
	if inUse > 0 {
		r.app.talk.notice("%d more in use by live processes, which --force deletes too", inUse)
	}
}

func (r *deleting) all(ctx context.Context) error {
	errs := parallel(ctx, len(r.targets), deleteWorkers, func(ctx context.Context, i int) error {
		t := &r.targets[i]
		if t.err == nil {
			t.err = r.one(ctx, t)
		}
		if t.missing && r.missingIsFine() {
			t.err = nil
		}
		return t.err
	})
	err := joinParts(errs)
	if !r.app.out.json {
		return err
	}
	return errors.Join(err, r.printJSON(ctx, errs, err))
}

// missingIsFine says whether a session that is gone is no failure: nobody named
// those that --mine and --all found.
func (r *deleting) missingIsFine() bool {
	return r.options.ignoreMissing || r.options.all || r.options.mine
}

// one deletes a session and drops it from the ledger, also where the service does
// not know it any more. Those who wait for its slot find out.
func (r *deleting) one(ctx context.Context, t *target) error {
	call, cancel := r.calling(ctx)
	defer cancel()
	err := r.client.DeleteSession(call, t.id)
	if failed, ok := errors.AsType[*client.Error](err); ok {
		t.missing = failed.Class == client.SessionDead
	}
	if err != nil && !t.missing {
		return err
	}
	if err != nil {
		err = &exitError{code: exitSession, err: err, hints: []string{
			"see what is there: smp session list", "if it may be gone already: smp session delete --ignore-missing",
		}}
	}
	return errors.Join(err, r.ledger.MarkDead(t.id), r.ledger.Forget(t.id))
}

func (r *deleting) printJSON(ctx context.Context, errs []error, failed error) error {
	type failure struct {
		ID    string     `json:"id"`
		Error *errorJSON `json:"error"`
	}
	deleted, missing, failures := []string{}, []string{}, []failure{}
	for i, t := range r.targets {
		switch {
		case errs[i] != nil:
			failures = append(failures, failure{t.id, r.app.errorJSON(ctx, errs[i])})
		case t.missing:
			missing = append(missing, t.id)
		default:
			deleted = append(deleted, t.id)
		}
	}
	return r.app.out.printJSON(struct {
		Deleted []string   `json:"deleted"`
		Missing []string   `json:"missing"`
		Failed  []failure  `json:"failed"`
		Error   *errorJSON `json:"error"`
	}{deleted, missing, failures, r.app.errorJSON(ctx, failed)})
}
