package commands

import (
	"context"
	"errors"
	"slices"
	"time"

	"smp/client"
	"smp/client/paced"
	"smp/commands/answer"
	"smp/commands/cli"
	"smp/commands/curl"
	"smp/commands/progress"
	"smp/commands/request"
)

// fetchOptions are what the command line of smp fetch says.
type fetchOptions struct {
	app     *app
	request curl.Options
	session request.SessionFlags
	follow  request.RuleFlags
	output  answer.Flags
	curl    bool // print what curl would do, and send nothing
}

func newFetch(a *app) *cli.Command {
	o := &fetchOptions{app: a, follow: request.RuleFlags{MaxRedirects: request.DefaultMaxRedirects}}
	return &cli.Command{
		Name:     "fetch",
		Args:     "URL",
		Summary:  "fetch a URL through the proxy, in a session if one is named",
		About:    fetchAbout,
		Examples: fetchExamples,
		Flags: slices.Concat(request.Declare(&o.request), o.session.Declare(), o.follow.Declare(), o.output.Declare(outputGroup), []cli.Flag{
			{Name: "curl", Group: outputGroup, Usage: "print the command line of curl that does the same, and send nothing", Set: cli.Switch(&o.curl)},
		}),
		Shared: a.sharedFlags(0),
		Run:    o.run,
	}
}

// run checks and reads all that the flags name, sends the request at its slot, passes
// the answer on, and prints the report.
func (o *fetchOptions) run(ctx context.Context, args []string) error {
	if o.curl {
		return o.printCurl(ctx, args)
	}
	plan, err := o.plan(ctx, args)
	if err != nil {
		return asUsage(err)
	}
	conn, err := o.app.connect(ctx, connectOptions{unpaced: o.session.Unpaced || plan.job.Session.Kind == paced.RefNone})
	if err != nil {
		return err
	}
	defer conn.close()
	if err := o.output.MakeDirs(); err != nil {
		return asUsage(err)
	}

	started := time.Now()
	watch := progress.WatchFetch(o.app.messages, conn.fetcher, plan.job)
	fetch := conn.fetcher.NewFetch(plan.job)
	result, err := fetch.Do(ctx)
	o.app.messages.ClearStatus()
	o.noticeSurprises(plan.job, result, err)

	d, err := o.deliver(ctx, plan, fetch, watch, result, err)
	watch.Stop()
	defer d.close()
	d.report.End(time.Since(started), d.body, d.whole)
	err = conn.in(plan.job.Session, err, plan.job.OnDead)
	d.fail(ctx, err)
	return errors.Join(err, d.conclude(ctx, err))
}

// deliver passes the answer on. If the body breaks before any of it was visible, it
// retries as --retry allows.
func (o *fetchOptions) deliver(ctx context.Context, plan *fetchPlan, fetch *paced.Fetch, watch *progress.FetchWatch, result *paced.Result, err error) (*delivery, error) {
	for {
		d := newDelivery(o, plan, result)
		if err != nil {
			return d, err
		}
		watch.Read(result.Response)
		err = d.deliver(ctx)
		broke, ok := errors.AsType[*client.Error](err)
		if !ok || ctx.Err() != nil || d.visible || !fetch.BodyFailed(broke) {
			return d, err
		}
		d.close()
		result, err = fetch.Do(ctx)
		o.app.messages.ClearStatus()
	}
}

// asUsage makes a usage error of a plain error, which a check of flags returned.
func asUsage(err error) error {
	if errors.As(err, new(*cli.UsageError)) || errors.As(err, new(*exitError)) {
		return err
	}
	return cli.Usagef("%v", err)
}

const fetchAbout = `The body of the answer goes to stdout, byte for byte. The answer of the
target is data, whatever its status; --fail makes 400 and above exit 22. What
the service itself refuses goes to stderr, and the exit code says what can be
done about it.

In a session, requests of one outgoing IP are a delay apart, across all
processes of this user on this machine: smp waits for the slot. Flags that
curl has too have its letters, names and meaning.`

var fetchExamples = []cli.Example{
	{Line: "smp fetch https://httpbin.org/ip", Does: "through the proxy, without a session"},
	{Line: "smp fetch --session create https://httpbin.org/ip", Does: "in a new session; its id is told on stderr"},
	{Line: "smp fetch --session @shop -o page.html https://shop.com/", Does: "in the session named shop, made on first use"},
	{Line: "smp fetch -fsSL -o file.zip https://shop.com/file", Does: "as a script does: errors alone, redirects followed"},
	{Line: "smp fetch --session @shop -d user=me -b jar -c jar https://shop.com/login", Does: "log in, and keep the cookies"},
	{Line: "smp fetch --meta meta.json -w '%{ip}\\n' -o page http://httpbin.org/get", Does: "what is known of a fetch"},
}
