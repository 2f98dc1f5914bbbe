package commands

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"smp/client"
	"smp/client/ledger"
	"smp/client/paced"
)

// deletion is a run of session delete.
type deletion struct {
	*connection
	app      *app
	options  *sessionDeleteOptions
	sessions []deletedSession
}

// deletedSession is one session to delete, and what became of it.
type deletedSession struct {
	id      string
	err     error
	missing bool // it was gone already
	ended   bool // by this request
}

// choose finds the sessions to delete, each once.
func (r *deletion) choose(ctx context.Context, refs []paced.Ref) error {
	switch {
	case r.options.all && r.Service.SessionsAPI:
		ctx, cancel := r.calling(ctx)
		defer cancel()
		listed, err := r.client.ListSessions(ctx)
		for _, s := range listed {
			r.sessions = append(r.sessions, deletedSession{id: s.ID})
		}
		return err
	case r.options.all, r.options.mine:
		remembered, err := r.ledger.Sessions()
		r.chooseMine(remembered)
		return err
	}
	seen := map[string]bool{}
	for _, ref := range refs {
		id, err := resolveSession(r.ledger, ref)
		if err != nil {
			_, unbound := errors.AsType[*unknownNameError](err)
			r.sessions = append(r.sessions, deletedSession{id: ref.String(), err: err, missing: unbound})
		} else if !seen[id] {
			seen[id] = true
			r.sessions = append(r.sessions, deletedSession{id: id})
		}
	}
	return nil
}

func (r *deletion) chooseMine(remembered []ledger.Session) {
	slices.SortStableFunc(remembered, func(a, b ledger.Session) int { return client.CompareIDs(a.ID, b.ID) })
	inUse := 0
	for _, s := range remembered {
		switch {
		case !s.Mine || s.Dead:
		case s.InUse && !r.options.force:
			inUse++
		default:
			r.sessions = append(r.sessions, deletedSession{id: s.ID})
		}
	}
	if inUse > 0 {
		r.app.messages.Info("%d more in use by live processes, which --force deletes too", inUse)
	}
}

func (r *deletion) all(ctx context.Context) error {
	errs := parallel(ctx, len(r.sessions), deleteWorkers, func(ctx context.Context, i int) error {
		t := &r.sessions[i]
		if t.err == nil {
			t.err = r.in(paced.Ref{Kind: paced.RefID, Value: t.id}, r.one(ctx, t), paced.OnDeadName)
		}
		if t.missing && r.missingIsFine() {
			t.err = nil
		}
		return t.err
	})
	err := joinParts(errs)
	if !r.app.out.JSON {
		return err
	}
	return errors.Join(err, r.printJSON(ctx, errs, err))
}

// missingIsFine reports whether a session that is gone is no failure: those of --mine and
// --all were not named by the user.
func (r *deletion) missingIsFine() bool {
	return r.options.ignoreMissing || r.options.all || r.options.mine
}

// one deletes a session and drops it from the ledger, even if the service does not know
// it any more. Processes that wait for its slot notice.
func (r *deletion) one(ctx context.Context, t *deletedSession) error {
	if !r.Service.SessionsAPI {
		return r.retire(t)
	}
	call, cancel := r.calling(ctx)
	defer cancel()
	err := r.client.DeleteSession(call, t.id)
	t.ended = err == nil
	if failed, ok := errors.AsType[*client.Error](err); ok {
		t.missing = failed.Class == client.SessionDead
	}
	if err != nil && !t.missing {
		return err
	}
	if err != nil {
		err = &exitError{code: exitSession, err: err, session: t.id, hints: []string{
			"see what is there: smp session list", "if it may be gone already: smp session delete --ignore-missing " + t.id,
		}}
	}
	return errors.Join(err, r.ledger.End(t.id))
}

// retire ends a session that the service would not delete: its ID is never sent again.
func (r *deletion) retire(t *deletedSession) error {
	s, known, err := r.ledger.Session(t.id)
	if err != nil {
		return err
	}
	if t.missing = !known || s.Dead; t.missing {
		err = unknownSession(t.id, "the ledger")
	}
	return errors.Join(err, r.ledger.End(t.id))
}

// deleteOwn deletes sessions that the run made for itself. One that is gone already is no
// failure.
func (c *connection) deleteOwn(ctx context.Context, ids []string) error {
	d := &deletion{connection: c}
	return joinParts(parallel(ctx, len(ids), deleteWorkers, func(ctx context.Context, i int) error {
		t := &deletedSession{id: ids[i]}
		err := d.one(ctx, t)
		switch {
		case err == nil || t.missing:
			return nil
		case t.ended:
			return fmt.Errorf("session %s is deleted, but still in the ledger: %w", t.id, err)
		}
		return fmt.Errorf("session %s may go on: %w", t.id, err)
	}))
}

// tellUndeleted prints the error of a deletion that is not to change the exit code.
func (a *app) tellUndeleted(err error) {
	if err != nil {
		a.messages.Warn("%v", err)
		a.messages.Info("delete it later: smp session delete --mine")
	}
}

func (r *deletion) printJSON(ctx context.Context, errs []error, failed error) error {
	type failure struct {
		ID    string         `json:"id"`
		Error *paced.Failure `json:"error"`
	}
	deleted, missing, failures := []string{}, []string{}, []failure{}
	for i, t := range r.sessions {
		switch {
		case errs[i] != nil:
			failures = append(failures, failure{t.id, r.app.errorJSON(ctx, errs[i])})
		case t.missing:
			missing = append(missing, t.id)
		default:
			deleted = append(deleted, t.id)
		}
	}
	return r.app.out.PrintJSON(ctx, struct {
		Deleted []string       `json:"deleted"`
		Missing []string       `json:"missing"`
		Failed  []failure      `json:"failed"`
		Error   *paced.Failure `json:"error"`
	}{deleted, missing, failures, r.app.errorJSON(ctx, failed)})
}
