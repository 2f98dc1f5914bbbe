package paced

import (
	"context"

	"smp/client"
)

// Repeats says whether the job's rules allow another request after the body of the
// answer, which the caller has closed, broke off.
func (r *Result) Repeats(broke *client.Error) bool {
	r.run.answer.Response = nil
	return r.run.job.Next(r.run.outcome(broke)) == Wait
}

// Repeat goes on with the fetch after the body of its answer broke off, as far as
// [Result.Repeats] allows it. The Result then tells of the new answer; errors are
// those of [Fetcher.Fetch].
func (r *Result) Repeat(ctx context.Context, broke *client.Error) error {
	run := r.run
	run.release = func() {} // the body's end was that of the session's being in use
	err := run.enter(run.lane.Session)
	if err == nil {
		err = run.retry(ctx, broke)
	}
	if err == nil {
		err = run.send(ctx)
	}
	return run.finish(err)
}
