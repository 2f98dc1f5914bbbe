package commands

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/client/paced"
)

// createLinger is how long creations that are under way may go on after the run was
// stopped: a session whose ID is never read would count until it expires.
const createLinger = 800 * time.Millisecond

// maxCreated is far beyond the 5,000 sessions that the documentation allows a key.
const maxCreated = 100_000

type sessionCreateOptions struct {
	app   *app
	count int
	name  string
	via   string
}

func newSessionCreate(a *app) *command {
	o := &sessionCreateOptions{app: a, count: 1}
	return &command{
		name:    "session create",
		summary: "create sessions and print their IDs",
		about: "Each session has an outgoing IP of its own choosing by the service. IDs are printed one a line, each as soon " +
			"as it exists, and kept in this machine's ledger.",
		examples: []example{
			{"id=$(smp session create)", "one session"},
			{"smp session create --count 20 >pool", "twenty, in parallel"},
			{"smp session create --name shop", "one that is called @shop from now on"},
		},
		flags: []flag{
			{name: "count", short: "n", value: "N", def: "1", usage: "how many to create", set: whole(&o.count, 1)},
			{name: "name", value: "NAME", usage: "call the session @NAME; one that is called so already is printed instead", set: nonEmpty(&o.name)},
			{name: "via", value: "URL", usage: "create with a request to URL, where the service has no sessions API", set: nonEmpty(&o.via)},
		},
		run: o.run,
	}
}

func (o *sessionCreateOptions) run(ctx context.Context, args []string) error {
	if err := noArgs(args); err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	target, err := o.viaURL()
	if err != nil {
		return err
	}
	c, err := o.app.connect(connectOptions{})
	if err != nil {
		return err
	}
	defer c.close()
	r := &creating{app: o.app, connection: c, options: o, target: target, sessions: []createdSession{}}
	return r.all(ctx)
}

func (o *sessionCreateOptions) check() error {
	if o.count > maxCreated {
		return usagef("--count: %d is more than %d", o.count, maxCreated)
	}
	if o.name == "" {
		return nil
	}
	o.name = strings.TrimPrefix(o.name, "@")
	if _, err := paced.ParseRef("@" + o.name); err != nil {
		return usagef("--name: %v", err)
	}
	if o.count > 1 {
		return usagef("--name is for one session, not for %d", o.count)
	}
	return nil
}

func (o *sessionCreateOptions) viaURL() (*url.URL, error) {
	if o.via == "" {
		return nil, nil
	}
	target, user, err := targetURL(o.via)
	if err == nil && user != nil {
		err = errors.New("the URL holds credentials")
	}
	if err != nil {
		return nil, usagef("--via: %v", err)
	}
	return target, nil
}

// creating is a run of session create.
type creating struct {
	*connection
	app     *app
	options *sessionCreateOptions
	target  *url.URL // of --via; nil without

	mu       sync.Mutex
	sessions []createdSession
}

type createdSession struct {
	ID   string  `json:"id"`
	IP   *string `json:"ip"`
	Name *string `json:"name"`
}

// errNotBegun stands for the sessions that were not tried after a failure.
var errNotBegun = errors.New("not tried after an earlier failure")

// all creates the sessions. After a failure no further one is begun.
func (r *creating) all(ctx context.Context) error {
	r.quietCreated()
	begin, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	late, cancel := linger(ctx, createLinger)
	defer cancel()
	errs := parallel(begin, r.options.count, sessionWorkers, func(_ context.Context, _ int) error {
		err := r.one(late)
		if err != nil {
			stop(errNotBegun)
		}
		return err
	})
	err := r.failure(errs)
	if !r.app.out.json {
		return err
	}
	return errors.Join(err, r.app.out.printJSON(struct {
		Sessions []createdSession `json:"sessions"`
		Error    *errorJSON       `json:"error"`
	}{r.sessions, r.app.errorJSON(ctx, err)}))
}

// quietCreated leaves it to stdout to tell of sessions that requests created.
func (r *creating) quietCreated() {
	tell := r.fetcher.Notify
	r.fetcher.Notify = func(e paced.Event) {
		if _, created := e.(paced.Created); !created {
			tell(e)
		}
	}
}

// failure joins what went wrong, with how far the run came.
func (r *creating) failure(errs []error) error {
	var failed []error
	for _, err := range errs {
		if err != nil && !errors.Is(err, errNotBegun) {
			failed = append(failed, err)
		}
	}
	if len(failed) > 0 && len(errs) > 1 {
		return fmt.Errorf("%w (%d of %d sessions were created)", failed[0], len(r.sessions), len(errs))
	}
	return joinParts(failed)
}

// one creates a session, writes it down and tells its ID.
func (r *creating) one(ctx context.Context) error {
	create := r.post
	if r.target != nil {
		create = r.request
	}
	if r.options.name != "" {
		return r.bind(ctx, create)
	}
	session, err := create(ctx)
	if session.ID == "" {
		return err
	}
	return errors.Join(err, r.ledger.Add(session), r.tell(session))
}

// bind gives the new session its name, unless another one has it.
func (r *creating) bind(ctx context.Context, create func(context.Context) (ledger.Session, error)) error {
	name, session := r.options.name, ledger.Session{}
	stale, err := r.expired(name)
	if err != nil {
		return err
	}
	id, made, err := r.ledger.Bind(ctx, name, stale, 0, func(ctx context.Context) (s ledger.Session, err error) {
		session, err = create(ctx)
		return session, err
	})
	if err == nil && !made {
		r.app.talk.notice("@%s is session %s already", name, id)
	}
	if id == "" {
		id = session.ID // it exists, but the name could not be given
	}
	if id == "" {
		return err
	}
	session.ID, session.Name = id, name
	return errors.Join(err, r.tell(session))
}

// expired gives the session that has the name, if it must have expired by now.
func (r *creating) expired(name string) (string, error) {
	id, bound, err := r.ledger.Lookup(name)
	if err != nil || !bound {
		return "", err
	}
	s, _, err := r.ledger.Session(id)
	if err != nil || s.InUse || s.ExpiresAt.IsZero() || s.ExpiresAt.After(time.Now()) {
		return "", err
	}
	return id, nil
}

// post asks the sessions API.
func (r *creating) post(ctx context.Context) (ledger.Session, error) {
	ctx, cancel := r.calling(ctx)
	defer cancel()
	created, err := r.client.CreateSession(ctx)
	if err != nil {
		return ledger.Session{}, err
	}
	return ledger.Session{ID: created.ID, IP: created.IP, Mine: true}, nil
}

// request creates a session with a proxied request. The session exists also where
// the request itself failed.
func (r *creating) request(ctx context.Context) (ledger.Session, error) {
	result, err := r.fetcher.Fetch(ctx, &paced.Job{
		Request: client.Request{Method: http.MethodGet, URL: r.target},
		Session: paced.Ref{Kind: paced.RefCreate},
		Delay:   r.delayFor,
		MaxWait: -1,
		Timeout: r.timeout,
	})
	if result.Response != nil {
		result.Response.Body.Close()
	}
	if !result.Created {
		if err == nil {
			err = fmt.Errorf("GET %s: the answer (%d) names no new session", r.target, result.Response.Status)
		}
		return ledger.Session{}, err
	}
	return ledger.Session{ID: result.Session, IP: result.IP, Mine: true}, err
}

// tell prints an ID, on stderr where stdout fails: a session that exists must be
// known to somebody.
func (r *creating) tell(s ledger.Session) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sessions = append(r.sessions, createdSession{ID: s.ID, IP: known(s.IP), Name: known(s.Name)})
	if r.app.out.json {
		return nil
	}
	err := r.app.out.line(s.ID)
	if err != nil {
		r.app.talk.alarm("created session %s, which could not be printed", s.ID)
	}
	return err
}
