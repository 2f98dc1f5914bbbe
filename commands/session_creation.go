package commands

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/client/paced"
)

// creation is a run of session create.
type creation struct {
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

// errNotBegun is the error of sessions that were not tried after a failure.
var errNotBegun = errors.New("not tried after an earlier failure")

// all creates the sessions. After a failure no further one is begun.
func (r *creation) all(ctx context.Context) error {
	r.fetcher.Notify = without[paced.Created](r.fetcher.Notify) // stdout has the ID
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
	if len(r.sessions) > 1 {
		_ = r.fetcher.LearnIPs(late) // all at once; else each session's first request asks
	}
	err := r.failure(errs)
	if !r.app.out.JSON {
		return err
	}
	unprinted := r.app.out.PrintJSON(ctx, struct {
		Sessions []createdSession `json:"sessions"`
		Error    *paced.Failure   `json:"error"`
	}{r.sessions, r.app.errorJSON(ctx, err)})
	if unprinted != nil {
		for _, s := range r.sessions {
			r.tellUnprinted(s.ID)
		}
	}
	return errors.Join(err, unprinted)
}

// failure is the first error, and says how many sessions were created.
func (r *creation) failure(errs []error) error {
	failed := slices.IndexFunc(errs, func(err error) bool { return err != nil && !errors.Is(err, errNotBegun) })
	switch {
	case failed < 0:
		return nil
	case len(errs) == 1:
		return errs[0]
	}
	return fmt.Errorf("%w (%d of %d sessions were created)", errs[failed], len(r.sessions), len(errs))
}

// one creates a session and writes it down before its ID is printed.
func (r *creation) one(ctx context.Context) error {
	create := r.fetcher.NewSession
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
	return errors.Join(err, r.tell(ctx, session))
}

// bind creates a session for the name, unless a session has the name.
func (r *creation) bind(ctx context.Context, create func(context.Context) (ledger.Session, error)) error {
	name, session := r.options.name, ledger.Session{}
	stale, err := r.expired(name)
	if err != nil {
		return err
	}
	binding := ledger.Binding{Name: name, Stale: stale, Wait: r.fetcher.Wait(r.SessionTimeout, "creating the session of @"+name)}
	id, made, err := r.ledger.Bind(ctx, binding, func(ctx context.Context) (s ledger.Session, err error) {
		session, err = create(ctx)
		return session, err
	})
	if err == nil && !made {
		r.app.messages.Info("@%s is session %s already", name, id)
	}
	if id == "" {
		id = session.ID // it exists, but the name could not be given
	}
	if id == "" {
		return err
	}
	session.ID, session.Name = id, name
	return errors.Join(err, r.tell(ctx, session))
}

// expired returns the session that has the name if it must have expired; else nothing.
func (r *creation) expired(name string) (string, error) {
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

// request creates a session with a proxied request. The session exists also where
// the request itself failed.
func (r *creation) request(ctx context.Context) (ledger.Session, error) {
	result, err := r.fetcher.Fetch(ctx, &paced.Job{
		Request: client.Request{Method: http.MethodGet, URL: r.target},
		Session: paced.Ref{Kind: paced.RefCreate},
		Delay:   r.DelayFor,
		Timeout: r.Timeout,
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

// tell prints an ID, on stderr if stdout fails: no session may exist unknown.
func (r *creation) tell(ctx context.Context, s ledger.Session) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sessions = append(r.sessions, createdSession{ID: s.ID, IP: known(s.IP), Name: known(s.Name)})
	if r.app.out.JSON {
		return nil
	}
	err := r.app.out.Text(ctx, s.ID+"\n")
	if err != nil {
		r.tellUnprinted(s.ID)
	}
	return err
}

func (r *creation) tellUnprinted(id string) {
	r.app.messages.Warn("created session %s, which could not be printed", id)
}
