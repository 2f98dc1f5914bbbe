package ledger

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

const (
	tidyRarely = 16 // one in so many additions tidies
	tidySample = 64 // records of a kind, of which each may go
)

// tidyAfter clears away some of what is long over, now and then, for n sessions that
// were added. At least four records are looked at for each addition, so that at most a
// quarter of them are over for long.
func (l *Ledger) tidyAfter(n int) {
	if n < tidyRarely && rand.IntN(tidyRarely) >= n {
		return
	}
	sample := min(max(tidySample, 4*n), 1024)
	now := l.clock.now()
	var ids, keys, unbound []string
	errs := []error{
		l.store.sample(sessions, sample, func(raw []byte) {
			var r sessionRecord
			if id, _, err := l.read(raw, &r, now); err == nil && r.over(l.clock.today(), l.session(id, &r).ExpiresAt, l.life) {
				ids = append(ids, id)
			}
		}),
		l.store.sample(slots, sample, func(raw []byte) {
			var s ipRecord
			if key, at, err := l.read(raw, &s, now); err == nil && l.slotOver(&s, now, at) {
				keys = append(keys, key)
			}
		}),
		l.store.sample(names, sample, func(raw []byte) {
			var n nameRecord
			if name, at, err := l.read(raw, &n, now); err == nil && l.clock.today().UnixNano()-at.wall > int64(rememberExpired) {
				unbound = append(unbound, name)
			}
		}),
	}
	used, err := l.store.inUse()
	if err := errors.Join(append(errs, err)...); err != nil {
		l.notify(err)
		return
	}
	l.clear(unusedOf(ids, used), keys, unbound)
}

func unusedOf(ids []string, used map[string]bool) []string {
	var unused []string
	for _, id := range ids {
		if !used[id] {
			unused = append(unused, id)
		}
	}
	return unused
}

// slotOver reports whether nobody can miss the record any more.
func (l *Ledger) slotOver(s *ipRecord, now instant, at stamp) bool {
	return s.idle(now.add(-rememberExpired)) && l.clock.today().UnixNano()-at.wall > int64(rememberExpired)
}

// over reports whether nobody can miss the record any more.
func (r *sessionRecord) over(now, expires time.Time, life Life) bool {
	if r.Tombstone {
		return now.Sub(wallTime(r.Died)) > rememberDead
	}
	if r.Life.Final || life.Final {
		expires = later(wallTime(max(r.Created, r.LastUsed)), expires)
	}
	if r.Name != "" {
		return !expires.IsZero() && now.Sub(expires) > rememberNamed
	}
	return !expires.IsZero() && now.Sub(expires) > rememberExpired
}

// clear drops sessions, slots and names, if they are still over. What it cannot drop
// is met again.
func (l *Ledger) clear(ids, keys, unbound []string) {
	for _, id := range ids {
		l.noted(l.clearSession(id))
	}
	for _, key := range keys {
		var s ipRecord
		l.noted(l.edit(context.Background(), ref{slots, key}, &s, func(rec found) action {
			return dropIf(rec.exists && !rec.damaged && s.idle(rec.now.add(-rememberExpired)))
		}))
	}
	for _, name := range unbound {
		l.noted(l.clearName(name))
	}
}

func (l *Ledger) clearSession(id string) error {
	if err := l.buryEnded(id); err != nil {
		return err
	}
	var r sessionRecord
	return l.edit(context.Background(), ref{sessions, id}, &r, func(rec found) action {
		return dropIf(rec.exists && !rec.damaged && r.over(l.clock.today(), l.session(id, &r).ExpiresAt, l.life))
	})
}

// clearName drops a name that leads to no session any more. It does not wait for one
// that somebody is about to bind.
func (l *Ledger) clearName(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), fresh)
	defer cancel()
	var n nameRecord
	if _, err := l.view(ref{names, name}, &n); err != nil {
		return err
	}
	alive, _, err := l.bound(name, n.ID)
	if alive || err != nil {
		return err
	}
	was := n
	err = l.edit(ctx, ref{names, name}, &n, func(rec found) action { return dropIf(rec.exists && n == was) })
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func dropIf(over bool) action {
	if over {
		return drop
	}
	return keep
}

// noted tells of an error that nobody is there to be returned to.
func (l *Ledger) noted(err error) {
	if err != nil {
		l.notify(err)
	}
}
