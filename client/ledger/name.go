package ledger

import (
	"context"
	"errors"
	"time"
)

// Lookup is the session that a name is bound to; ok is false if there is none,
// if it was forgotten, or if it is dead.
func (l *Ledger) Lookup(name string) (id string, ok bool, err error) {
	var n nameRecord
	rec, err := l.view(ref{names, name}, &n)
	if err != nil || !rec.exists || rec.damaged {
		return "", false, err
	}
	alive, _, err := l.bound(name, n.ID)
	if err != nil || !alive {
		return "", false, err
	}
	return n.ID, true, nil
}

// LookupDead is the dead session that a name is still bound to; "" if there is none.
func (l *Ledger) LookupDead(name string) (id string, err error) {
	var n nameRecord
	if rec, err := l.view(ref{names, name}, &n); err != nil || !rec.exists || rec.damaged {
		return "", err
	}
	var r sessionRecord
	rec, err := l.view(ref{sessions, n.ID}, &r)
	if err != nil || rec.damaged || !r.Dead || r.Tombstone || r.Name != name {
		return "", err
	}
	return n.ID, nil
}

// bound reports whether the session ID still bears the name and is alive, or whether
// it is known to be dead.
func (l *Ledger) bound(name, id string) (alive, dead bool, err error) {
	if id == "" {
		return false, false, nil
	}
	var r sessionRecord
	rec, err := l.view(ref{sessions, id}, &r)
	if err != nil || !rec.exists || rec.damaged {
		return false, false, err
	}
	return !r.Dead && !r.Tombstone && r.Name == name, r.Dead, nil
}

// Binding says how a name gets its session.
type Binding struct {
	Name string
	// Stale is the session that the caller found dead, or "". If the name is still
	// bound to it, the session is replaced.
	Stale string
	// Delay is the least time between two replacements.
	Delay time.Duration
	Wait  Wait
}

// Bind returns the live session of a name, or binds the name to the one that create
// makes, which Bind records like Add. One process at a time creates for a name; the
// others wait, and share its result. made says that the session is new; an error
// beside it means that the session exists, but not under the name.
//
// Errors are those of create, ErrReplacedTooSoon, *StateError, and the cause of
// ctx's end. Where another process made the session, ErrElsewhere says that it
// failed, and *BusyError that it took longer than Wait allows.
func (l *Ledger) Bind(ctx context.Context, b Binding, create func(context.Context) (Session, error)) (id string, made bool, err error) {
	r := ref{names, b.Name}
	var before, n nameRecord
	if _, err := l.view(r, &before); err != nil {
		return "", false, err
	}
	if alive, _, err := l.bound(b.Name, before.ID); err != nil || alive && before.ID != b.Stale {
		return before.ID, false, err
	}
	g, err := l.guard(ctx, r, b.Wait)
	if err != nil {
		return "", false, err
	}
	defer g.release()
	l.open(r, g.raw(), &n)
	alive, dead, err := l.bound(b.Name, n.ID)
	if err != nil || alive && n.ID != b.Stale {
		return n.ID, false, err
	}
	if n.Tries != before.Tries && n.Failed {
		return "", false, ErrElsewhere
	}
	replacing := dead || alive
	if replacing && l.clock.now().sub(n.Replaced) < b.Delay {
		return "", false, ErrReplacedTooSoon
	}
	s, err := create(ctx)
	if err != nil {
		l.shareFailure(ctx, g, r, &n)
		return "", false, err
	}
	return l.bind(g, b.Name, s, n, replacing)
}

// shareFailure tells those who wait that a name got no session. A creation that
// was interrupted has not failed: the next process may try.
func (l *Ledger) shareFailure(ctx context.Context, g guard, r ref, n *nameRecord) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	n.Tries, n.Failed = n.Tries+1, true
	if err := g.change(l.change(r, n, l.clock.now(), save)); err != nil {
		l.notify(err)
	}
}

// bind records the session before the name, and drops the old session last: a name
// never leads to a session without a record.
func (l *Ledger) bind(g guard, name string, s Session, old nameRecord, replacing bool) (id string, made bool, err error) {
	s.Name = name
	if err := l.Add(s); err != nil {
		return s.ID, true, err
	}
	now := l.clock.now()
	n := nameRecord{ID: s.ID, Replaced: old.Replaced, Tries: old.Tries + 1}
	if replacing {
		n.Replaced = now
	}
	if err := g.change(l.change(ref{names, name}, &n, now, save)); err != nil {
		return s.ID, true, err
	}
	if replacing && old.ID != s.ID {
		err = l.End(old.ID)
	}
	return s.ID, true, err
}
