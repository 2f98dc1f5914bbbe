package paced

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"smp/client"
	"smp/client/ledger"
)

// fetch is a Fetch under way.
type fetch struct {
	*Fetcher
	job     *Job
	request client.Request // of the current hop
	lane    Lane
	release func() // ends "this session is in use"
	result  *Result

	answer   *Answer // of the last attempt
	begun    bool    // a request was sent, so that patience has no limit any more
	hops     int     // redirects followed
	retries  int
	replaced bool // the current request was already repeated in a new session
}

// Fetch does a job: it finds or makes the session, and sends requests until the
// job's rules say that an answer, or a failure, is the last. Its Result is never
// nil. One call sends one request unless the rules allow more.
//
// Errors are those of [Fetcher.Attempt], *RedirectError, *UnknownNameError and
// ledger.ErrReplacedTooSoon.
func (f *Fetcher) Fetch(ctx context.Context, job *Job) (*Result, error) {
	run := &fetch{Fetcher: f, job: job, request: job.Request, release: func() {}, result: &Result{Started: time.Now()}}
	run.result.run = run
	err := run.open(ctx)
	if err == nil {
		err = run.send(ctx)
	}
	return run.result, run.finish(err)
}

// send sends requests until an answer, or a failure, is the last.
func (r *fetch) send(ctx context.Context) error {
	for {
		step, err := r.once(ctx)
		if step == Return {
			return err
		}
		if err := r.take(ctx, step, err); err != nil {
			return err
		}
	}
}

// once sends the current request and says what follows.
func (r *fetch) once(ctx context.Context) (Step, error) {
	request := r.withCookies()
	answer, err := r.Attempt(ctx, &request, r.pace(), &r.lane)
	r.note(answer)
	if err == nil {
		r.keepCookies(answer.Response)
	}
	if errors.Is(err, ledger.ErrSessionDead) {
		return r.afterDeath(), err
	}
	failed := asClientError(err)
	if err != nil && (failed == nil || ctx.Err() != nil) {
		return Return, err
	}
	return r.job.Next(r.outcome(failed)), err
}

func (r *fetch) outcome(failed *client.Error) Outcome {
	o := Outcome{
		Err:       failed,
		Method:    r.request.Method,
		Named:     r.job.Session.Kind == RefName,
		InSession: r.lane.Session != "" && r.lane.Session != createWord,
		Retries:   r.retries,
		Replaced:  r.replaced,
	}
	if resp := r.answer.Response; resp != nil {
		o.Status = resp.Status
		o.Location = resp.Header.Get("Location") != ""
	}
	return o
}

// take carries out a step, so that the next request can be sent. failed is what
// the last one ended with.
func (r *fetch) take(ctx context.Context, step Step, failed error) error {
	switch step {
	case Follow:
		return r.follow()
	case Replace:
		return r.replaceSession(ctx, failed)
	default:
		return r.retry(ctx, failed)
	}
}

func (r *fetch) follow() error {
	resp := r.answer.Response
	location := resp.Header.Get("Location")
	discard(resp)
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
	r.request, r.retries, r.replaced = next, 0, false
	return nil
}

// retry waits before the request is repeated: as long as the service asked, else a
// random part of a doubling time.
func (r *fetch) retry(ctx context.Context, failed error) error {
	wait := r.answer.Service.RetryAfter
	if wait <= 0 {
		wait = rand.N(BackOff(r.retries, r.Scale) + 1)
	}
	event := Retrying{Attempt: r.retries + 1, Of: r.job.Retry, In: wait, Err: failed}
	if resp := r.answer.Response; resp != nil {
		event.Status = resp.Status
		discard(resp)
	}
	r.notify(event)
	r.retries++
	if wait > scaled(connectLead, r.Scale) {
		r.lane.Close()
	}
	return sleep(ctx, wait)
}

// finish closes what the fetch held open. The connection goes with the body of
// the answer.
func (r *fetch) finish(err error) error {
	r.result.EffectiveURL = r.request.URL
	if err != nil {
		r.result.Response = nil
		r.lane.Close()
		r.release()
		return err
	}
	resp := r.answer.Response
	r.result.RedirectURL = redirectURL(r.request, resp)
	resp.Body = &closingBody{ReadCloser: resp.Body, lane: &r.lane, release: r.release}
	r.result.Response = resp
	return nil
}

// note writes an attempt into the result.
func (r *fetch) note(answer *Answer) {
	r.answer = answer
	result, service := r.result, answer.Service
	result.Waited += answer.Waited
	if !answer.Sent {
		return
	}
	r.begun = true
	result.Attempts++
	result.Created = result.Created || answer.Created
	result.Session = sessionOf(r.lane.Session)
	result.NextRequestIn = service.NextRequestIn
	result.Dialect = service.Dialect
	if service.IP != "" {
		result.IP = service.IP
	}
}

func (r *fetch) delay() time.Duration {
	if r.job.Delay == nil {
		return 0
	}
	return r.job.Delay(r.request.URL.Hostname())
}

// pace of the next request. The caller's patience is for the first one alone: what
// was begun is finished.
func (r *fetch) pace() Pace {
	pace := Pace{Timeout: r.job.Timeout}
	pace.Delay, pace.MaxWait, pace.Unpaced = r.delay(), r.job.MaxWait, r.job.Unpaced
	if r.begun {
		pace.MaxWait = -1
	}
	return pace
}

// closingBody ends a fetch with the body of its answer.
type closingBody struct {
	io.ReadCloser
	lane    *Lane
	release func()
}

func (b *closingBody) Close() error {
	err := b.ReadCloser.Close()
	b.lane.Close()
	b.release()
	return err
}

// maxDiscard is how much of an unwanted body is read to keep its connection.
const maxDiscard = 64 << 10

func discard(resp *client.Response) {
	io.CopyN(io.Discard, resp.Body, maxDiscard)
	resp.Body.Close()
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
