package paced

import (
	"context"
	"time"

	"smp/client"
	"smp/client/ledger"
)

// Trip is a job whose steps its caller carries out: one that has many jobs and many
// sessions, and need not wait for any one of them. It is not safe for concurrent
// use.
type Trip struct{ run fetch }

// Begin makes a trip of a job, whose Session is ignored. Nothing is sent yet.
func (f *Fetcher) Begin(job *Job) *Trip {
	return &Trip{run: fetch{Fetcher: f, job: job, request: job.Request, release: func() {}, result: &Result{Started: time.Now()}}}
}

// Try sends the next request in the lane's session, follows redirects there as the
// job allows, and says what has to follow. The connection stays with the lane.
//
//   - Return: the trip is over. Without an error its Result holds the answer.
//   - Wait: try again, after a while, in any session. Without an error the answer
//     so far is one that another try may better; Result holds it.
//   - Replace: try again, in another session than the lane's.
//
// The job's MaxWait holds for the first request of each Try; errors that mean that
// nothing was sent (see [Fetcher.Attempt]) leave the trip as it was. The job's Retry
// bounds repetitions of both kinds together.
func (t *Trip) Try(ctx context.Context, lane *Lane) (Step, error) {
	r := &t.run
	r.lane, r.begun = *lane, false
	defer func() { *lane, r.lane = r.lane, Lane{} }()
	for {
		r.replaced = r.retries >= r.job.Retry
		step, err := r.once(ctx)
		if step != Follow {
			return t.repeat(step), err
		}
		if err := r.follow(); err != nil {
			return Return, err
		}
	}
}

// Broke says what has to follow when the body of the answer broke off.
func (t *Trip) Broke(failed *client.Error) Step {
	t.run.answer.Response = nil
	return t.repeat(t.run.job.Next(t.run.outcome(failed)))
}

// Discard gives up an answer that another try may better.
func (t *Trip) Discard() {
	if resp := t.run.answer.Response; resp != nil {
		discard(resp)
	}
}

// Result is what is known so far. Where the last Try gave an answer, the caller
// closes its body before the lane is used again.
func (t *Trip) Result() *Result {
	r := &t.run
	r.result.EffectiveURL = r.request.URL
	r.result.Response = nil
	if r.answer != nil && r.answer.Response != nil {
		r.result.Response = r.answer.Response
		r.result.RedirectURL = redirectURL(r.request, r.answer.Response)
	}
	return r.result
}

// Delay is the one that the next request needs.
func (t *Trip) Delay() time.Duration { return t.run.delay() }

func (t *Trip) repeat(step Step) Step {
	if step != Return {
		t.run.retries++
	}
	return step
}

// NewSession has the service make a session. It is in the ledger when NewSession
// returns; where only that failed, both session and error are given.
func (f *Fetcher) NewSession(ctx context.Context) (ledger.Session, error) { return f.makeSession(ctx) }

// Resolve gives the session that ref, a name or an id, stands for. A name that is
// bound to no session, or to stale, gets a new one, as in [Fetcher.Fetch].
func (f *Fetcher) Resolve(ctx context.Context, ref Ref, stale string, delay time.Duration) (id string, err error) {
	id, _, err = f.resolve(ctx, ref, stale, delay)
	return id, err
}
