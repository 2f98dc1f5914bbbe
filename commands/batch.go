package commands

import (
	"cmp"
	"context"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"smp/client"
	"smp/client/batch"
	"smp/client/ledger"
	"smp/client/paced"
	"smp/commands/cli"
	"smp/commands/config"
	"smp/commands/curl"
	"smp/commands/progress"
	"smp/commands/request"
)

const (
	defaultSessions = 10
	defaultRetries  = 2
	lineBuffer      = 4 << 10 // for each of what may be thousands of connections
)

// batchOptions are what the command line of smp batch says.
type batchOptions struct {
	app       *app
	request   curl.Options
	follow    request.RuleFlags
	sessions  int // 0: not given
	given     []string
	unpaced   bool
	outputDir string
	resume    bool
	fail      bool
	dryRun    bool
	deadline  *time.Duration // nil: not given
	failed    progress.FailedLines
}

func newBatch(a *app) *cli.Command {
	o := &batchOptions{app: a, follow: request.RuleFlags{
		Rules:        paced.Rules{Retry: defaultRetries},
		MaxRedirects: request.DefaultMaxRedirects,
	}}
	return &cli.Command{
		Name:     "batch",
		Args:     "FILE|-",
		Summary:  "fetch a list of URLs through a pool of sessions, each at its pace",
		About:    batchAbout,
		Examples: batchExamples,
		Flags:    slices.Concat(request.Declare(&o.request), o.poolFlags(), o.ruleFlags(), o.outputFlags()),
		Shared:   a.sharedFlags(0),
		Run:      o.run,
	}
}

// run checks all that can be checked before the first request, fetches the lines while
// it shows progress, and sums up.
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
	conn.noticeNames(o.app.messages, plan.given...)
	sink, dir, err := o.open(ctx, plan)
	if err != nil {
		return err
	}
	done := 0
	if dir != nil {
		defer dir.Close()
		done = dir.Done().Successes()
	}
	defer debug.SetGCPercent(debug.SetGCPercent(collectAt(max(o.sessions, len(plan.given)), done)))
	run := batch.New(o.config(plan, conn))
	watch := progress.WatchBatch(o.app.messages, run)
	err = run.Run(ctx, batch.NewReader(plan.list), sink)
	watch.Stop()
	return o.conclude(ctx, run.Progress(), err)
}

// collectAt is the garbage collector's percentage during a batch with so many sessions,
// of which earlier runs have done so many lines. A batch makes garbage with each line and
// mostly holds a few megabytes, so that the default would have the collector run all the
// time. With thousands of sessions it holds tens of megabytes, and the default would add
// as much garbage.
func collectAt(sessions, done int) int {
	const garbage = 24
	held := 4 + sessions/200 + done/100_000 // MB
	return min(max(50, 100*garbage/held), 400)
}

// config translates the options for package batch.
func (o *batchOptions) config(plan *batchPlan, conn *connection) batch.Config {
	conn.fetcher.Notify = progress.BatchRequests(o.app.messages)
	return batch.Config{
		Fetcher: conn.fetcher,
		Job: paced.Job{
			Delay:        plan.settings.DelayFor,
			Unpaced:      o.unpaced,
			Timeout:      plan.settings.Timeout,
			Rules:        o.follow.Rules,
			MaxRedirects: o.follow.MaxRedirects,
			KeepMethod:   o.request.Method != "",
			Jar:          cookieJar(plan.template.Jar),
		},
		Request:  func(line *batch.Line) (client.Request, error) { return lineRequest(plan.template, plan.settings, line) },
		Fail:     o.fail,
		Sessions: o.poolSize(plan.settings),
		Region:   plan.settings.Service.Region(plan.template.Header()),
		Service:  ledger.Scope("", client.ServiceID(plan.settings.Endpoint), plan.settings.Key),
		Given:    plan.given,
		Total:    plan.total,
		Redact:   o.app.messages.Redact,
		Notify:   progress.Batch(o.app.messages, &o.failed),
	}
}

// poolSize is how many sessions are made at most. Where the service ends unused
// sessions, that is no more than the rate of the API key keeps from ending.
func (o *batchOptions) poolSize(s *config.Settings) int {
	size := cmp.Or(o.sessions, defaultSessions)
	most := s.KeptAlive()
	if most == 0 || size <= most {
		return size
	}
	if o.sessions > 0 {
		o.app.messages.Info("--rpm %g keeps %d of %d sessions from ending: the pool has no more", s.RPM, most, o.sessions)
	}
	return most
}

// cookieJar returns a nil interface for a nil jar.
func cookieJar(jar *curl.Jar) http.CookieJar {
	if jar == nil {
		return nil
	}
	return jar
}
