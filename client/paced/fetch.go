package paced

import (
	"cmp"
	"context"
	"errors"
	"io"
	"time"

	"smp/client"
	"smp/client/ledger"
)

// Fetch does a job: it finds or makes the session, and sends requests. The job's
// rules say which answer, or which failure, is the last. Its Result is never nil.
// One call sends one request unless the rules allow more. When ctx ends, the wait or
// the exchange under way ends, and so does the answer's body. A request that was not
// sent gives its slot back.
//
// Errors are those of [Run.Step], those of the sessions API (*client.Error), and
// ledger.ErrReplacedTooSoon.
func (f *Fetcher) Fetch(ctx context.Context, job *Job) (*Result, error) {
	return f.NewFetch(job).Do(ctx)
}

// Fetch is a job that can be gone on with where the body of its answer broke off.
// It is not safe for concurrent use.
type Fetch struct {
	fetcher *Fetcher
	job     *Job
	run     *Run
	lane    Lane
	release func() // ends "this session is in use"; nil where it is not

	hasSession bool
	broke      *client.Error // what the body of the last answer broke off with
}

// NewFetch makes a Fetch of a job. Nothing is sent yet.
func (f *Fetcher) NewFetch(job *Job) *Fetch {
	return &Fetch{fetcher: f, job: job, run: f.Begin(job), lane: Lane{Lease: f.Lease}}
}

// Do is [Fetcher.Fetch]. Called again after [Fetch.BodyFailed] it goes on; the Result
// then tells of the new answer.
func (x *Fetch) Do(ctx context.Context) (*Result, error) {
	err := x.begin(ctx)
	if err == nil {
		err = x.send(ctx)
	}
	return x.finish(err)
}

// BodyFailed reports whether the job's rules allow another request after the body of
// the answer, which the caller has closed, broke off. If so, Do sends it.
func (x *Fetch) BodyFailed(broke *client.Error) bool {
	x.broke = broke
	return x.run.BodyFailed(broke) == Wait
}

// begin finds the session, or makes ready for the repetition.
func (x *Fetch) begin(ctx context.Context) error {
	switch {
	case x.fetcher.check() != nil:
		return x.fetcher.check()
	case !x.hasSession:
		return x.open(ctx)
	}
	if err := x.enter(x.lane.Session); err != nil {
		return err
	}
	return x.wait(ctx, x.broke)
}

// send sends requests until an answer, or a failure, is the last.
func (x *Fetch) send(ctx context.Context) error {
	for {
		action, err := x.run.step(ctx, &x.lane)
		switch action {
		case Replace:
			err = x.replaceSession(ctx, err)
		case Wait:
			err = x.wait(ctx, err)
		default:
			return err
		}
		if err != nil {
			return err
		}
	}
}

// wait waits before the request is repeated: as long as the service asked, else for
// the back-off.
func (x *Fetch) wait(ctx context.Context, failed error) error {
	answer, retries := x.run.answer, x.run.retries
	wait := cmp.Or(answer.Service.RetryAfter, x.job.RetryDelay, x.fetcher.BackOff(retries-1))
	event := Retrying{Attempt: retries, Of: x.job.Retry, In: wait, Err: failed}
	if resp := answer.Response; resp != nil {
		event.Status = resp.Status
		resp.Discard()
	}
	x.fetcher.notify(event)
	if wait > x.fetcher.ConnectLead() {
		x.lane.Close()
	}
	return sleep(ctx, wait)
}

// finish closes what the fetch held open. The connection goes with the body of
// the answer.
func (x *Fetch) finish(err error) (*Result, error) {
	result := x.run.Result()
	if late, ok := errors.AsType[*ledger.TooLate](err); ok {
		late.Name = x.name()
	}
	if err != nil {
		result.Response, result.RedirectURL = nil, ""
		x.close()
		return result, err
	}
	resp := result.Response
	resp.Body = &closingBody{ReadCloser: resp.Body, fetch: x}
	return result, nil
}

// close ends the fetch's hold on its connection and its session.
func (x *Fetch) close() {
	x.fetcher.keep(&x.lane)
	if x.release != nil {
		x.release()
		x.release = nil
	}
}

// closingBody ends a fetch with the body of its answer.
type closingBody struct {
	io.ReadCloser
	fetch *Fetch
}

func (b *closingBody) Close() error {
	err := b.ReadCloser.Close()
	b.fetch.close()
	return err
}

// open finds the session. A name is mostly bound, which is all that is looked up then.
func (x *Fetch) open(ctx context.Context) error {
	session, err := x.bound()
	if err == nil && session.Kind == RefName {
		session, err = x.bind(ctx)
	}
	if err != nil {
		return err
	}
	x.hasSession = true
	return x.enter(session)
}

// bound is the job's session: of a name the one that bears it, if there is one.
func (x *Fetch) bound() (Ref, error) {
	if x.name() == "" {
		return x.job.Session, nil
	}
	id, ok, err := x.fetcher.Ledger.Lookup(x.name())
	if err != nil || !ok {
		return x.job.Session, err
	}
	return Ref{Kind: RefID, Value: id}, nil
}

// bind gives the session that the job's name is bound to from now on.
func (x *Fetch) bind(ctx context.Context) (Ref, error) {
	dead := x.deadBefore()
	session, made, err := x.fetcher.resolve(ctx, x.job.Session, "", x.run.Delay(), x.run.pace().Patience)
	switch {
	case err != nil:
	case made && dead != "":
		x.run.result.Created, x.run.result.Replaced = true, dead
		x.fetcher.notify(Replaced{Old: dead, New: session.Value, Name: x.name()})
	case made:
		x.run.result.Created = true
		x.fetcher.notify(Created{Session: session.Value, Name: x.name()})
	}
	return session, err
}

// deadBefore is the dead session that the job's name is still bound to; "" for none.
func (x *Fetch) deadBefore() string {
	id, err := x.fetcher.Ledger.LookupDead(x.name())
	x.fetcher.trouble(err)
	return id
}

// enter makes session the one of the next request, and tells other processes of
// this machine that it is in use.
func (x *Fetch) enter(session Ref) error {
	x.close()
	x.lane.Session, x.lane.Name = session, x.name()
	id := x.lane.id()
	x.run.result.Session = id
	if id == "" {
		return nil
	}
	release, err := x.fetcher.Ledger.Use(id)
	switch {
	case err == nil:
		x.release = release
	case x.job.Unpaced && unusable(err):
		x.fetcher.trouble(err)
	default:
		return err
	}
	return nil
}

// replaceSession moves the fetch to another session. failed says why the
// session that the fetch had is of no use.
func (x *Fetch) replaceSession(ctx context.Context, failed error) error {
	old := x.lane.id()
	session, made, err := x.fetcher.replace(ctx, x.job.Session, old, x.run.Delay(), x.run.pace().Patience)
	if errors.Is(err, ledger.ErrReplacedTooSoon) {
		return failed
	}
	if err != nil {
		return err
	}
	if made {
		x.run.result.Created = true
		x.fetcher.notify(Replaced{Old: old, New: session.Value, Name: x.name()})
	}
	x.run.result.Replaced = old
	if err := x.enter(session); err != nil {
		return err
	}
	if x.name() != "" && !disowned(failed) {
		x.fetcher.Retire(ctx, old, x.fetcher.deleteSession)
	}
	return nil
}

// disowned reports whether the service does not know the session any more, as this
// request or another process found.
func disowned(failed error) bool {
	refused := asClientError(failed)
	return refused == nil || refused.Class == client.SessionDead
}

func (x *Fetch) name() string {
	if x.job.Session.Kind == RefName {
		return x.job.Session.Value
	}
	return ""
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
