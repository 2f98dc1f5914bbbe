package commands

import (
	"context"
	"strconv"
	"time"

	"smp/client/batch"
	"smp/client/paced"
	"smp/client/spell"
	"smp/commands/config"
	"smp/commands/term"
)

// batchForecast is what --dry-run says. What is not known is null.
type batchForecast struct {
	Lines            int      `json:"lines"`
	Bad              int      `json:"bad"`  // of them: cannot be fetched as they are
	Done             int      `json:"done"` // of them: by earlier runs
	Sessions         int      `json:"sessions"`
	DurationS        float64  `json:"duration_s"` // at least
	DeadlineS        *float64 `json:"deadline_s"`
	DeadlineSessions *int     `json:"deadline_sessions"`
}

// printPlan prints the forecast, offline.
func (o *batchOptions) printPlan(ctx context.Context, plan *batchPlan) error {
	forecast, err := o.forecast(ctx, plan)
	if err != nil {
		return o.unusable(err)
	}
	if o.app.out.JSON {
		return o.app.out.PrintJSON(ctx, forecast)
	}
	table := o.app.out.NewTable("PLAN", "VALUE")
	table.Row("lines", strconv.Itoa(forecast.Lines))
	table.Row("bad lines", strconv.Itoa(forecast.Bad))
	table.Row("done already", strconv.Itoa(forecast.Done))
	table.Row("sessions", strconv.Itoa(forecast.Sessions))
	table.Row("duration", spell.Duration(paced.Duration(forecast.DurationS)))
	if forecast.DeadlineS != nil {
		table.Row("deadline", spell.Duration(paced.Duration(*forecast.DeadlineS)))
		sessions := "" // no number of them is enough
		if forecast.DeadlineSessions != nil {
			sessions = strconv.Itoa(*forecast.DeadlineSessions)
		}
		table.Row("sessions for the deadline", sessions)
	}
	return table.Print(ctx)
}

// forecast reads the list. Its duration is what the delay demands: how long answers
// take cannot be known before.
func (o *batchOptions) forecast(ctx context.Context, plan *batchPlan) (*batchForecast, error) {
	done, err := o.earlier(ctx)
	if err != nil {
		return nil, err
	}
	work, err := term.Await(ctx, func() (workload, error) { return o.survey(ctx, plan, done) })
	if err != nil {
		return nil, err
	}
	f := &batchForecast{Done: done.Successes(), Lines: work.lines, Bad: work.bad}
	f.Sessions = min(o.poolSize(plan.settings), work.load.Lines())
	if len(plan.given) > 0 {
		f.Sessions = len(plan.given)
	}
	limits := work.limits(plan.settings)
	f.DurationS = paced.Seconds(max(work.load.Duration(f.Sessions), limits))
	if o.deadline != nil {
		seconds := paced.Seconds(*o.deadline)
		f.DeadlineS = &seconds
		if limits <= *o.deadline {
			sessions := work.load.Sessions(*o.deadline)
			f.DeadlineSessions = &sessions
		}
	}
	return f, nil
}

// workload is what a list holds.
type workload struct {
	lines, bad int
	load       batch.Load     // of the lines to fetch
	domains    map[string]int // of the same lines, as [targets] has them
}

// limits is how long the paces of the API key and of the targets take alone, however
// many sessions there are.
func (w *workload) limits(s *config.Settings) time.Duration {
	longest := time.Duration(max(0, w.load.Lines()-1)) * s.KeyDelay()
	for domain, lines := range w.domains {
		_, delay := s.Target(domain)
		longest = max(longest, time.Duration(lines-1)*delay)
	}
	return longest
}

func (o *batchOptions) survey(ctx context.Context, plan *batchPlan, done *batch.Done) (w workload, err error) {
	w.load, w.domains = batch.Load{}, map[string]int{}
	w.lines, err = plan.list.survey(ctx, done, func(line *batch.Line) {
		request, err := lineRequest(plan.template, plan.settings, line)
		if line.Err == nil && err == nil && len(plan.settings.Targets) > 0 {
			domain, _ := plan.settings.Target(request.URL.Hostname())
			w.domains[domain]++
		}
		switch {
		case line.Err != nil || err != nil:
			w.bad++
		case o.unpaced:
			w.load[0]++
		default:
			w.load[plan.settings.DelayFor(request.URL.Hostname())]++
		}
	})
	return w, err
}

// earlier reads what earlier runs finished; nil is nothing. It returns the error that
// the run itself would end with.
func (o *batchOptions) earlier(ctx context.Context) (*batch.Done, error) {
	if o.outputDir == "" {
		return nil, nil
	}
	return term.Await(ctx, func() (*batch.Done, error) { return batch.ReadDone(o.outputDir, o.resume) })
}
