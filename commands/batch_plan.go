package commands

import (
	"context"
	"strconv"
	"time"

	"smp/client/batch"
	"smp/client/paced"
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

// printPlan prints the plan and asks nobody.
func (o *batchOptions) printPlan(ctx context.Context, plan *batchPlan) error {
	forecast, err := o.forecast(ctx, plan)
	if err != nil {
		return o.unusable(err)
	}
	if o.app.out.json {
		return o.app.out.printJSON(forecast)
	}
	table := o.app.out.newTable("PLAN", "VALUE")
	table.row("lines", strconv.Itoa(forecast.Lines))
	table.row("bad lines", strconv.Itoa(forecast.Bad))
	table.row("done already", strconv.Itoa(forecast.Done))
	table.row("sessions", strconv.Itoa(forecast.Sessions))
	table.row("duration", spell(forecast.DurationS))
	if forecast.DeadlineS != nil {
		table.row("deadline", spell(*forecast.DeadlineS))
		table.row("sessions for the deadline", strconv.Itoa(*forecast.DeadlineSessions))
	}
	return table.print()
}

// forecast reads the list. What the delay demands is all that can be known before:
// how long the answers take is not in it.
func (o *batchOptions) forecast(ctx context.Context, plan *batchPlan) (*batchForecast, error) {
	done, err := o.earlier(ctx)
	if err != nil {
		return nil, err
	}
	load, f := batch.Load{}, &batchForecast{Done: done.Successes()}
	lines, err := plan.list.survey(ctx, done, func(line *batch.Line) {
		request, err := lineRequest(plan.template, line)
		if line.Err != nil || err != nil {
			f.Bad++
			return
		}
		if delay := plan.settings.delayFor(request.URL.Hostname()); !o.unpaced {
			load[delay]++
		} else {
			load[0]++
		}
	})
	if err != nil {
		return nil, err
	}
	f.Lines = lines
	f.Sessions = min(o.poolSize(), load.Lines())
	if len(plan.given) > 0 {
		f.Sessions = len(plan.given)
	}
	f.DurationS = paced.Seconds(load.Duration(f.Sessions))
	if o.deadline != nil {
		seconds, sessions := paced.Seconds(*o.deadline), load.Sessions(*o.deadline)
		f.DeadlineS, f.DeadlineSessions = &seconds, &sessions
	}
	return f, nil
}

// earlier is what earlier runs finished, nil for nothing. It refuses what the run
// would be refused.
func (o *batchOptions) earlier(ctx context.Context) (*batch.Done, error) {
	if o.outputDir == "" {
		return nil, nil
	}
	var done *batch.Done
	_, err := interruptibly(ctx, func() (err error) {
		done, err = batch.ReadDone(o.outputDir, o.resume)
		return err
	})
	if err != nil {
		return nil, err
	}
	return done, nil
}

// spell shows seconds to people.
func spell(s float64) string {
	return time.Duration(s * float64(time.Second)).Round(time.Millisecond).String()
}
