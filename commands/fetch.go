package commands

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"smp/client"
	"smp/client/paced"
	"smp/commands/cli"
	"smp/commands/curl"
	"smp/commands/term"
)

// fetchOptions are what the command line of smp fetch says.
type fetchOptions struct {
	app     *app
	request curl.Options
	session sessionFlags
	follow  ruleFlags
	output  outputFlags
}

func newFetch(a *app) *cli.Command {
	o := &fetchOptions{app: a, follow: ruleFlags{maxRedirects: defaultMaxRedirects}}
	return &cli.Command{
		Name:     "fetch",
		Args:     "URL",
		Summary:  "fetch a URL through the proxy, in a session if one is named",
		About:    fetchAbout,
		Examples: fetchExamples,
		Flags:    slices.Concat(requestFlags(&o.request), o.session.flags(), o.follow.flags(), o.output.flags()),
		Shared:   a.sharedFlags(0),
		Run:      o.run,
	}
}

// run is the life of a fetch: all is checked and read that the flags name; the
// request is sent at its slot; the answer is passed on; and what became of it is
// told.
func (o *fetchOptions) run(ctx context.Context, args []string) error {
	plan, err := o.plan(ctx, args)
	if err != nil {
		return asUsage(err)
	}
	conn, err := o.app.connect(ctx, connectOptions{unpaced: o.session.unpaced || plan.job.Session.Kind == paced.RefNone})
	if err != nil {
		return err
	}
	defer conn.close()

	started := time.Now()
	fetch := conn.fetcher.NewFetch(plan.job)
	result, err := fetch.Do(ctx)
	o.app.messages.ClearStatus()
	o.noticeSurprises(plan.job, result, err)

	d, err := o.deliver(ctx, plan, fetch, result, err)
	defer d.close()
	d.report.end(time.Since(started), d.body, d.whole)
	d.report.fail(ctx, o.app, err)
	return errors.Join(err, d.conclude(ctx, err))
}

// deliver passes the answer on, and asks for another one where it broke off before
// anybody has seen of it, if --retry says so.
func (o *fetchOptions) deliver(ctx context.Context, plan *fetchPlan, fetch *paced.Fetch, result *paced.Result, err error) (*delivery, error) {
	for {
		d := newDelivery(o, plan, result)
		if err != nil {
			return d, err
		}
		err = d.deliver(ctx)
		broke, ok := errors.AsType[*client.Error](err)
		if !ok || ctx.Err() != nil || d.seen || !fetch.BodyFailed(broke) {
			return d, err
		}
		d.close()
		result, err = fetch.Do(ctx)
		o.app.messages.ClearStatus()
	}
}

// fetchPlan is a checked fetch: nothing on the command line can fail any more.
type fetchPlan struct {
	url      string // without user information
	job      *paced.Job
	jar      *curl.Jar // nil: cookies of answers are dropped
	heads    headLog
	writeOut writeOut
}

// plan checks the options, then reads what they name.
func (o *fetchOptions) plan(ctx context.Context, args []string) (*fetchPlan, error) {
	raw, err := theURL(args)
	if err != nil {
		return nil, err
	}
	settings, err := o.app.settings(ctx)
	if err != nil {
		return nil, err
	}
	guard := curl.NewGuard(settings.key)
	target, _, err := guard.Target(raw)
	if err != nil {
		return nil, err
	}
	if err := o.follow.check(); err != nil {
		return nil, err
	}
	if err := o.output.check(raw, o.app.out.JSON); err != nil {
		return nil, err
	}
	o.request.WrittenJar = o.output.jar
	plan, err := term.Await(ctx, func() (*fetchPlan, error) { return o.read(raw, guard, settings) })
	if err != nil {
		return nil, err
	}
	plan.url = target.String()
	return plan, nil
}

// read reads what the options name, which may be pipes: standard input last, when
// everything that was typed is known to be good.
func (o *fetchOptions) read(raw string, guard curl.Guard, settings *settings) (plan *fetchPlan, err error) {
	plan = &fetchPlan{}
	if plan.writeOut, err = o.output.parseWriteOut(o.app.stdin); err != nil {
		return nil, err
	}
	template, err := curl.Parse(&o.request, guard, o.app.stdin)
	if err != nil {
		return nil, err
	}
	ref, err := o.ref(template)
	if err != nil {
		return nil, err
	}
	if err := template.Read(o.app.stdin); err != nil {
		return nil, err
	}
	if plan.job, err = o.job(template, raw, ref, settings); err != nil {
		return nil, err
	}
	plan.keepCookies(template.Jar, o.output.jar != "")
	if o.showsHeads() {
		plan.job.Followed = plan.heads.add
	}
	return plan, nil
}

func (o *fetchOptions) showsHeads() bool {
	return o.output.include || o.output.heads != "" || o.request.Head
}

// ref is the session of the request. A region belongs to none.
func (o *fetchOptions) ref(template *curl.Template) (paced.Ref, error) {
	header, err := sessionHeader(template)
	if err != nil {
		return paced.Ref{}, err
	}
	ref, err := o.session.ref(header, o.app.env.lookup("SMP_SESSION"))
	if err == nil {
		err = checkSession(template.Guard, "the session", ref.Value)
	}
	if err != nil {
		return ref, err
	}
	if ref.Kind != paced.RefNone && o.request.Extra[headerRegion] != "" {
		return ref, cli.Usagef("--region does not go with session %s: the service calls them incompatible", ref).
			Hint("fetch without a session: --no-session")
	}
	return ref, nil
}

// keepCookies keeps those of answers beside those that were read, if any were, or
// if they are to be written.
func (p *fetchPlan) keepCookies(read *curl.Jar, written bool) {
	if read == nil && written {
		read = &curl.Jar{}
	}
	if p.jar = read; read != nil {
		p.job.Jar = read
	}
}

func (o *fetchOptions) job(template *curl.Template, raw string, ref paced.Ref, s *settings) (*paced.Job, error) {
	request, err := template.Request(raw)
	if err != nil {
		return nil, err
	}
	if o.follow.rules.Retry > 0 && template.ReadsOnce() {
		return nil, cli.Usagef("--retry cannot repeat a body of more than 1 MiB from a pipe").Hint("keep it in a file: -d @FILE")
	}
	job := &paced.Job{
		Request:      request,
		Session:      ref,
		Delay:        s.delayFor,
		Unpaced:      o.session.unpaced,
		Timeout:      s.timeout,
		Rules:        o.follow.rules,
		MaxRedirects: o.follow.maxRedirects,
		KeepMethod:   o.request.Method != "",
	}
	if o.session.maxWait != nil {
		job.MaxWait = cmp.Or(max(0, *o.session.maxWait), paced.NoWait)
	}
	return job, nil
}

// theURL is the one argument of the command.
func theURL(args []string) (string, error) {
	switch len(args) {
	case 0:
		return "", cli.Usagef("no URL to fetch").Hint("smp fetch [--session ID] URL")
	case 1:
		if args[0] == "-" {
			return "", cli.Usagef("%q is no URL", args[0]).Hint("URLs from stdin: smp batch -")
		}
		return args[0], nil
	}
	return "", cli.Usagef("one URL at a time, and %q is a second one", args[1]).
		Hint("many URLs: smp batch FILE, or a loop over smp fetch")
}

// asUsage makes a usage error of what the plain checks found.
func asUsage(err error) error {
	if errors.As(err, new(*cli.UsageError)) || errors.As(err, new(*exitError)) {
		return err
	}
	return cli.Usagef("%v", err)
}
