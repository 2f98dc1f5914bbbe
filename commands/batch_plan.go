package commands

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"smp/client/paced"
	"smp/commands/cli"
	"smp/commands/config"
	"smp/commands/curl"
	"smp/commands/request"
	"smp/commands/term"
)

// batchPlan is a batch whose command line has been checked and read.
type batchPlan struct {
	list     *listFile
	total    int // lines; 0 for unknown
	given    []paced.Ref
	template *curl.Template
	settings *config.Settings
}

func (o *batchOptions) plan(ctx context.Context, args []string) (*batchPlan, error) {
	name, err := theList(args)
	if err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	settings, err := o.app.settings(ctx)
	if err != nil {
		return nil, err
	}
	if o.request.Extra[request.HeaderRegion] != "" && settings.Service.SessionsAPI {
		return nil, errors.New("--region does not go with sessions: the service calls them incompatible")
	}
	if err := request.Ask(settings.Service, &o.request); err != nil {
		return nil, err
	}
	plan, err := term.Await(ctx, func() (*batchPlan, error) { return o.read(name, settings) })
	if err != nil {
		return nil, err
	}
	if plan.template.BodySize() < 0 {
		return nil, errors.New("every line sends the body anew, and this one can be read only once: save it to a file")
	}
	if plan.given, err = o.givenSessions(plan.template, settings); err != nil {
		return nil, err
	}
	return plan, settings.CheckDelays()
}

// read opens the list and reads what flags name, which may be pipes.
func (o *batchOptions) read(list string, settings *config.Settings) (plan *batchPlan, err error) {
	plan = &batchPlan{settings: settings}
	if plan.list, err = openList(o.app.stdin, list); err != nil {
		return nil, err
	}
	if plan.template, err = curl.Parse(&o.request, curl.NewGuard(settings.Key), o.app.stdin); err != nil {
		return nil, err
	}
	return plan, plan.template.Read(o.app.stdin)
}

// check refuses what contradicts itself.
func (o *batchOptions) check() error {
	switch {
	case o.sessions > 0 && len(o.given) > 0:
		return errors.New("--sessions and --session do not go together: a pool is either made or given")
	case o.resume && o.outputDir == "":
		return cli.Usagef("--resume needs the directory of the earlier run").Hint("smp batch --resume --output-dir DIR FILE")
	case o.app.out.JSON && o.outputDir == "" && !o.dryRun:
		return cli.Usagef("--json prints the summary, and without --output-dir stdout is for the results").
			Hint("smp batch --json --output-dir DIR FILE")
	case o.deadline != nil && !o.dryRun:
		return cli.Usagef("--deadline is for a plan").Hint("smp batch --dry-run --deadline D FILE")
	}
	return nil
}

// givenSessions lists the sessions of --session, else of the X-Crawlera-Session header,
// else, without --sessions, of SMP_SESSION.
func (o *batchOptions) givenSessions(t *curl.Template, settings *config.Settings) ([]paced.Ref, error) {
	header, err := request.SessionHeader(t, settings)
	if err != nil {
		return nil, err
	}
	given, where := o.given, "--session"
	switch {
	case len(given) > 0:
	case header != nil && *header != "":
		given, where = []string{*header}, "the header "+settings.Service.SessionHeader()
	case o.sessions == 0 && o.app.env.lookup("SMP_SESSION") != "":
		given, where = []string{o.app.env.lookup("SMP_SESSION")}, "SMP_SESSION"
	}
	var refs []paced.Ref
	for _, s := range given {
		ref, err := request.SessionRef(settings.Service, s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", where, err)
		}
		if ref.Kind == paced.RefCreate {
			return nil, cli.Usagef("%s create names no session", where).Hint("have sessions made: --sessions N")
		}
		if slices.Contains(refs, ref) {
			return nil, fmt.Errorf("%s %s is given twice", where, ref)
		}
		refs = append(refs, ref)
	}
	return refs, nil
}

// theList is the one argument of the command.
func theList(args []string) (string, error) {
	switch len(args) {
	case 0:
		return "", cli.Usagef("no list to fetch").Hint("smp batch FILE, or smp batch - for standard input")
	case 1:
		if args[0] == "" {
			return "", errors.New("the name of the list is empty")
		}
		return args[0], nil
	}
	return "", cli.Usagef("one list at a time, and %q is a second one", args[1]).Hint("cat FILE… | smp batch -")
}
