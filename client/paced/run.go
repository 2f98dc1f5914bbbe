package paced

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"smp/client"
	"smp/client/ledger"
)

// Run is a job under way: one request after another until an answer, or a failure,
// is the last. [Fetcher.Fetch] is a run in a session of its own. A caller with
// sessions of its own calls Step, and carries out what Step asks for. A run is not
// safe for concurrent use.
type Run struct {
	fetcher *Fetcher
	job     *Job
	request client.Request // of the current hop
	answer  *answer        // of the last attempt
	result  Result

	inSession  bool // the last request's session exists
	begun      bool // a request was sent, so that patience has no limit any more
	bodyOpened bool // the request's body was opened
	hops       int  // redirects followed
	retries    int
	replaced   bool // the current request has moved to another session
	again      bool // the current request was repeated for its connection
}

// Begin makes a run of a job, whose Session is ignored. Nothing is sent yet.
func (f *Fetcher) Begin(job *Job) *Run {
	return &Run{fetcher: f, job: job, request: job.Request, answer: &answer{}, result: Result{Started: time.Now()}}
}

// Step sends the next request in the lane's session, follows redirects there as the
// job allows, and says what has to follow. A request that a kept connection's end took
// with it goes once more, on a new one. The connection stays with the lane.
//
//   - Return: the run is over. Without an error its Result holds the answer.
//   - Wait: step again, after a while, in any session. Without an error the answer
//     so far is one that another try may better; Result holds it.
//   - Replace: step again, in another session than the lane's.
//
// The job's MaxWait holds for the first request of each Step. Some errors mean that
// nothing was sent. They are *ledger.TooLate (the slot is later than MaxWait
// allows), ledger.ErrSessionDead (the session died while the request waited),
// *ledger.StateError, and the cause of ctx's end. Other errors are *RedirectError
// and, where the service or the network refused, *client.Error.
func (r *Run) Step(ctx context.Context, lane *Lane) (Action, error) {
	r.begun = false
	return r.step(ctx, lane)
}

func (r *Run) step(ctx context.Context, lane *Lane) (Action, error) {
	if err := r.fetcher.check(); err != nil {
		return Return, err
	}
	for {
		action, err := r.once(ctx, lane)
		switch action {
		case again:
			lane.redial()
		case follow:
			if err := r.follow(); err != nil {
				return Return, err
			}
		default:
			return action, err
		}
	}
}

// BodyFailed says what has to follow when the body of the answer, which the caller
// has closed, broke off.
func (r *Run) BodyFailed(failed *client.Error) Action {
	r.answer.Response = nil
	return r.decide(r.outcome(failed))
}

// Discard gives up an answer that another try may better.
func (r *Run) Discard() {
	if resp := r.answer.Response; resp != nil {
		resp.Discard()
	}
}

// Result is what is known so far. Where the last Step gave an answer, the caller
// closes its body before the lane is used again.
func (r *Run) Result() *Result {
	r.result.EffectiveURL = r.request.URL
	r.result.Response, r.result.RedirectURL = r.answer.Response, ""
	if resp := r.answer.Response; resp != nil {
		r.result.RedirectURL = redirectURL(r.request, resp)
	}
	return &r.result
}

// Delay is the one that the next request needs.
func (r *Run) Delay() time.Duration { return r.fetcher.Delay(r.job, r.request.URL.Hostname()) }

// once sends the current request and says what follows.
func (r *Run) once(ctx context.Context, lane *Lane) (Action, error) {
	request := r.withCookies()
	request.Body = r.watchedBody()
	r.inSession = lane.id() != ""
	answer, err := r.fetcher.attempt(ctx, &request, r.pace(), lane)
	r.note(answer, lane)
	if err == nil {
		r.keepCookies(answer.Response)
	}
	if errors.Is(err, ledger.ErrSessionDead) {
		return r.decide(outcome{Died: true, Named: r.named(), InSession: true, Retries: r.retries, Replaced: r.replaced}), err
	}
	failed := asClientError(err)
	if err != nil && (failed == nil || ctx.Err() != nil) {
		return Return, err
	}
	return r.decide(r.outcome(failed)), err
}

func (r *Run) named() bool { return r.job.Session.Kind == RefName }

func (r *Run) outcome(failed *client.Error) outcome {
	o := outcome{
		Err:       failed,
		Method:    r.request.Method,
		Spent:     r.bodyOpened && r.job.BodyOnce && r.request.Body != nil,
		Named:     r.named(),
		InSession: r.inSession,
		Retries:   r.retries,
		Replaced:  r.replaced,
		Again:     r.again,
		Late:      r.job.RetryFor > 0 && time.Since(r.result.Started)+r.answer.Service.RetryAfter >= r.job.RetryFor,
	}
	if failed != nil {
		o.Stale, o.Unsent = failed.Stale(), failed.Unsent()
	}
	if resp := r.answer.Response; resp != nil {
		o.Status = resp.Status
		o.Location = resp.Header.Get("Location") != ""
	}
	return o
}

// decide asks the rules, and counts what they allow.
func (r *Run) decide(o outcome) Action {
	action := r.job.next(o)
	r.again = action == again
	switch {
	case action == Replace && !r.job.MovesAreRetries:
		r.replaced = true
	case action == Wait, action == Replace && !o.Died:
		r.retries++
	}
	return action
}

func (r *Run) follow() error {
	resp := r.answer.Response
	location := resp.Header.Get("Location")
	resp.Discard()
	if r.job.MaxRedirects >= 0 && r.hops >= r.job.MaxRedirects {
		return &RedirectError{
			From: r.request.URL, Location: location, Status: resp.Status, TooMany: true,
			Reason: fmt.Sprintf("too many redirects (%d)", r.job.MaxRedirects),
		}
	}
	next, err := nextHop(r.request, resp.Status, location, r.job.KeepMethod)
	if err != nil {
		return err
	}
	if r.job.Followed != nil {
		if err := r.job.Followed(resp); err != nil {
			return &RedirectError{From: r.request.URL, Location: location, Status: resp.Status, Reason: err.Error()}
		}
	}
	r.answer.Response = nil // its head may be large, and the next one too
	r.hops++
	r.result.Redirects = r.hops
	r.request, r.retries, r.replaced, r.again = next, 0, false, false
	return nil
}

// note writes an attempt into the result.
func (r *Run) note(answer *answer, lane *Lane) {
	r.answer = answer
	result, service := &r.result, answer.Service
	result.Waited += answer.Waited
	if !answer.Sent {
		return
	}
	r.begun = true
	r.fetcher.noticeUnknown(answer)
	result.Attempts++
	result.Created = result.Created || answer.Created
	result.Session = lane.id()
	result.NextRequestIn = service.NextRequestIn
	result.Dialect, result.RequestID = service.Dialect, service.RequestID
	if r.fetcher.service().LifeOf(service.Dialect).Final {
		var err error
		result.SessionEndsAt, err = r.fetcher.Ledger.EndsAt(lane.id())
		r.fetcher.trouble(err)
	}
	if service.IP != "" {
		result.IP = service.IP
	}
}

// pace of the next request. The caller's patience is for the first one alone: what
// was begun is finished. A MaxWait of 0 is no limit, so that the zero Job waits; a
// Patience of 0 is no wait.
func (r *Run) pace() pace {
	p := pace{Timeout: r.job.Timeout}
	p.Delay, p.Unpaced, p.turn = r.Delay(), r.job.Unpaced, r.job.Turn
	switch {
	case r.begun || r.job.MaxWait == 0:
		p.Patience = ledger.NoLimit
	case r.job.MaxWait > 0:
		p.Patience = r.job.MaxWait
	default: // NoWait
		p.Patience = 0
	}
	return p
}

// watchedBody notes that the request's body is opened.
func (r *Run) watchedBody() func() (io.ReadCloser, error) {
	open := r.request.Body
	if open == nil || !r.job.BodyOnce {
		return open
	}
	return func() (io.ReadCloser, error) {
		r.bodyOpened = true
		return open()
	}
}
