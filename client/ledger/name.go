package ledger

import (
	"cmp"
	"context"
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

// bound says whether the session id still bears the name and is alive, or whether
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

// Bind returns the live session that a name is bound to, or binds it to the one
// that create makes, which it records like Add. One process at a time does so for a
// name; the others wait for it, or for their contexts, and find the result.
//
// stale, if not "", is the session that the caller found dead: if the name is
// still bound to it, it is dropped and replaced, at most once per delay
// (ErrReplacedTooSoon). made tells if create was called and the session is new;
// an error beside it means that the session exists, but not under the name.
func (l *Ledger) Bind(ctx context.Context, name, stale string, delay time.Duration, create func(context.Context) (Session, error)) (id string, made bool, err error) {
	g, err := l.store.guard(ctx, ref{names, name})
	if err != nil {
		return "", false, err
	}
	defer g.release()
	var n nameRecord
	l.open(ref{names, name}, g.raw(), &n)
	alive, dead, err := l.bound(name, n.ID)
	if err != nil || alive && n.ID != stale {
		return n.ID, false, err
	}
	replacing := dead || alive
	if replacing && l.clock.now().sub(n.Replaced) < delay {
		return "", false, ErrReplacedTooSoon
	}
	s, err := create(ctx)
	if err != nil {
		return "", false, err
	}
	return l.bind(g, name, s, n, replacing)
}

// bind records the session before the name, and drops the old session last: a name
// never leads to a session without a record.
func (l *Ledger) bind(g guard, name string, s Session, old nameRecord, replacing bool) (id string, made bool, err error) {
	s.Name = name
	if err := l.Add(s); err != nil {
		return s.ID, true, err
	}
	now := l.clock.now()
	n := nameRecord{ID: s.ID, Replaced: old.Replaced}
	if replacing {
		n.Replaced = now
	}
	if err := g.change(l.change(ref{names, name}, &n, now, save)); err != nil {
		return s.ID, true, err
	}
	if replacing && old.ID != s.ID {
		err = l.retire(old.ID)
	}
	return s.ID, true, err
}

// retire marks a session dead, unless it is, and forgets it.
func (l *Ledger) retire(id string) error {
	var r sessionRecord
	if _, err := l.view(ref{sessions, id}, &r); err != nil {
		return err
	}
	if !r.Dead {
		if err := l.MarkDead(id); err != nil {
			return err
		}
	}
	return l.Forget(id)
}

// Once calls f, one process at a time. Those who waited while another did so do
// not call it again: they return nil if it succeeded and ErrElsewhere if it did
// not, and see for themselves what it left in the ledger.
func (l *Ledger) Once(ctx context.Context, what string, f func(context.Context) error) error {
	var before callRecord
	if _, err := l.view(ref{calls, what}, &before); err != nil {
		return err
	}
	g, err := l.store.guard(ctx, ref{calls, what})
	if err != nil {
		return err
	}
	defer g.release()
	var c callRecord
	l.open(ref{calls, what}, g.raw(), &c)
	if c.Count != before.Count {
		if c.Failed {
			return ErrElsewhere
		}
		return nil
	}
	err = f(ctx)
	if ctx.Err() != nil {
		return err // given up, not failed: the next may try
	}
	c = callRecord{Count: c.Count + 1, Failed: err != nil}
	return cmp.Or(err, g.change(l.change(ref{calls, what}, &c, l.clock.now(), save)))
}
