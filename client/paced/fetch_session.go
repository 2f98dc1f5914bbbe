package paced

import (
	"context"
	"errors"

	"smp/client/ledger"
)

// open finds the session.
func (r *fetch) open(ctx context.Context) error {
	id, made, err := r.resolve(ctx, r.job.Session, "", r.delay())
	if err != nil {
		return err
	}
	if made {
		r.result.Created = true
		r.notify(Created{Session: id})
	}
	return r.enter(id)
}

// enter makes id the session of the next request, and tells other processes of
// this machine that it is in use.
func (r *fetch) enter(id string) error {
	r.release()
	r.release = func() {}
	r.lane.Close()
	r.lane.Session = id
	r.result.Session = sessionOf(id)
	if id == "" || id == createWord {
		return nil
	}
	release, err := r.Ledger.Use(id)
	switch {
	case err == nil:
		r.release = release
	case r.job.Unpaced && unusable(err):
		r.trouble(err)
	default:
		return err
	}
	return nil
}

// afterDeath is the step when other requests found the session dead while this one
// waited: a name follows its new binding.
func (r *fetch) afterDeath() Step {
	if r.job.Session.Kind == RefName && r.job.OnDead != OnDeadFail && !r.replaced {
		return Replace
	}
	return Return
}

func (r *fetch) replaceSession(ctx context.Context, failed error) error {
	old := r.lane.Session
	id, made, err := r.replace(ctx, r.job.Session, old, r.delay())
	if errors.Is(err, ledger.ErrReplacedTooSoon) {
		return failed
	}
	if err != nil {
		return err
	}
	if made {
		r.result.Created = true
		r.notify(Replaced{Old: old, New: id, Name: r.name()})
	}
	r.result.Replaced = old
	r.replaced = true
	if err := r.enter(id); err != nil {
		return err
	}
	if refused := asClientError(failed); refused != nil && refused.Banned() && r.name() != "" {
		r.retire(ctx, old)
	}
	return nil
}

func (r *fetch) name() string {
	if r.job.Session.Kind == RefName {
		return r.job.Session.Value
	}
	return ""
}

func sessionOf(lane string) string {
	if lane == createWord {
		return ""
	}
	return lane
}
