package commands

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"smp/client"
	"smp/client/batch"
	"smp/client/ledger"
	"smp/client/paced"
	"smp/commands/cli"
	"smp/commands/curl"
	"smp/commands/term"
)

// exitLines says that a batch finished and some of its lines failed.
const exitLines = 8

const (
	defaultSessions = 10
	defaultRetries  = 2
	lineBuffer      = 16 << 10 // for each of what may be thousands of connections
)

// batchOptions are what the command line of smp batch says.
type batchOptions struct {
	app       *app
	request   curl.Options
	follow    ruleFlags
	sessions  int // 0: not given
	given     []string
	unpaced   bool
	outputDir string
	resume    bool
	fail      bool
	dryRun    bool
	deadline  *time.Duration // nil: not given
}

func newBatch(a *app) *cli.Command {
	o := &batchOptions{app: a, follow: ruleFlags{
		rules:        paced.Rules{Retry: defaultRetries},
		maxRedirects: defaultMaxRedirects,
	}}
	return &cli.Command{
		Name:     "batch",
		Args:     "FILE|-",
		Summary:  "fetch a list of URLs through a pool of sessions, each at its pace",
		About:    batchAbout,
		Examples: batchExamples,
		Flags:    slices.Concat(requestFlags(&o.request), o.poolFlags(), o.ruleFlags(), o.outputFlags()),
		Shared:   a.sharedFlags(0),
		Run:      o.run,
	}
}

// run is the life of a batch: all is checked that can be before the first request;
// the lines are fetched while progress is shown; and what they came to is told.
func (o *batchOptions) run(ctx context.Context, args []string) error {
	plan, err := o.plan(ctx, args)
	if err != nil {
		return asUsage(err)
	}
	defer plan.list.close()
	if o.dryRun {
		return o.printPlan(ctx, plan)
	}
	conn, err := o.app.connect(ctx, connectOptions{unpaced: o.unpaced, readBuffer: lineBuffer})
	if err != nil {
		return err
	}
	defer conn.close()
	sink, dir, err := o.open(ctx, plan)
	if err != nil {
		return err
	}
	if dir != nil {
		defer dir.Close()
	}
	defer debug.SetGCPercent(debug.SetGCPercent(collectAt))
	run := batch.New(o.config(plan, conn))
	watch := o.app.watch(run)
	err = run.Run(ctx, batch.NewReader(plan.list), sink)
	watch.stop()
	return o.conclude(ctx, run.Progress(), err)
}

// collectAt is the garbage collector's percentage during a batch, which makes garbage
// with each line and holds little: the default would have it run all the time.
const collectAt = 400

// batchPlan is a checked batch: nothing on the command line can fail any more.
type batchPlan struct {
	list     *listFile
	total    int // lines; 0 for unknown
	given    []paced.Ref
	template *curl.Template
	settings *settings
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
	plan, err := term.Await(ctx, func() (*batchPlan, error) { return o.read(name, settings) })
	if err != nil {
		return nil, err
	}
	if plan.template.BodySize() < 0 {
		return nil, errors.New("every line sends the body anew, and this one can be read only once: save it to a file")
	}
	plan.given, err = o.givenSessions(plan.template)
	return plan, err
}

// read opens the list and reads what flags name, which may be pipes.
func (o *batchOptions) read(list string, settings *settings) (plan *batchPlan, err error) {
	plan = &batchPlan{settings: settings}
	if plan.list, err = openList(o.app.stdin, list); err != nil {
		return nil, err
	}
	if plan.template, err = curl.Parse(&o.request, curl.NewGuard(settings.key), o.app.stdin); err != nil {
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
	case o.request.Extra[headerRegion] != "":
		return errors.New("--region does not go with sessions: the service calls them incompatible")
	}
	return nil
}

// givenSessions are those of --session, of the header that stands for it, or, where
// no pool is asked for, of the environment.
func (o *batchOptions) givenSessions(t *curl.Template) ([]paced.Ref, error) {
	header, err := sessionHeader(t)
	if err != nil {
		return nil, err
	}
	given, where := o.given, "--session"
	switch {
	case len(given) > 0:
	case header != nil && *header != "":
		given, where = []string{*header}, "the header "+headerSession
	case o.sessions == 0 && o.app.env.lookup("SMP_SESSION") != "":
		given, where = []string{o.app.env.lookup("SMP_SESSION")}, "SMP_SESSION"
	}
	var refs []paced.Ref
	for _, s := range given {
		ref, err := paced.ParseRef(s)
		if err != nil {
			return nil, in(where, err)
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

// config is the batch as the package wants it.
func (o *batchOptions) config(plan *batchPlan, conn *connection) batch.Config {
	conn.fetcher.Notify = o.app.batchTeller()
	return batch.Config{
		Fetcher: conn.fetcher,
		Job: paced.Job{
			Delay:        plan.settings.delayFor,
			Unpaced:      o.unpaced,
			Timeout:      plan.settings.timeout,
			Rules:        o.follow.rules,
			MaxRedirects: o.follow.maxRedirects,
			KeepMethod:   o.request.Method != "",
			Jar:          cookieJar(plan.template.Jar),
		},
		Request:  func(line *batch.Line) (client.Request, error) { return lineRequest(plan.template, line) },
		Fail:     o.fail,
		Sessions: o.poolSize(),
		Service:  ledger.Scope("", plan.settings.endpoint.String(), plan.settings.key),
		Given:    plan.given,
		Total:    plan.total,
		Redact:   o.app.messages.Redact,
		Notify:   o.app.tellBatch,
	}
}

func (o *batchOptions) poolSize() int {
	if o.sessions > 0 {
		return o.sessions
	}
	return defaultSessions
}

// cookieJar keeps a nil jar nil in an interface.
func cookieJar(jar *curl.Jar) http.CookieJar {
	if jar == nil {
		return nil
	}
	return jar
}
