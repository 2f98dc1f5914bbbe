package ledger

import (
	"context"
	"errors"
	"slices"
	"time"
)

const (
	// A dead session is remembered for those that wait for it, and by its
	// name for longer. A forgotten or expired one is remembered for those who
	// look for it.
	rememberDead    = time.Hour
	rememberExpired = 24 * time.Hour
	rememberNamed   = 7 * 24 * time.Hour

	tidyRarely = 64  // one in so many additions tidies: a sample begins with the names of all records
	tidySample = 128 // records of a kind, of which each may go
)

// tidyAfter clears away some of what is long over, now and then, for n sessions that
// were added. At least two records are looked at for each addition, so that at most half
// of them are over for long.
func (l *Ledger) tidyAfter(n int) {
	added := l.added.Add(int64(n))
	if added/tidyRarely == (added-int64(n))/tidyRarely {
		return
	}
	over, err := l.leftovers(min(max(tidySample, 2*n), 1024))
	if err != nil {
		l.notify(err)
		return
	}
	l.clear(over)
}

// leftovers are keys of records that may be over.
type leftovers struct{ sessions, ips, names, holds []string }

// leftovers looks for some among so many records of each kind.
func (l *Ledger) leftovers(sample int) (over leftovers, err error) {
	now := l.clock.now()
	errs := []error{
		l.store.sample(sessions, sample, func(raw []byte) {
			var r sessionRecord
			if id, _, err := l.read(raw, &r, now); err == nil && r.over(l.clock.wallNow(), l.session(id, &r).ExpiresAt, l.life) {
				over.sessions = append(over.sessions, id)
			}
		}),
		l.store.sample(ipRecords, sample, func(raw []byte) {
			var s ipRecord
			if key, at, err := l.read(raw, &s, now); err == nil && l.ipOver(&s, now, at) {
				over.ips = append(over.ips, key)
			}
		}),
		l.store.sample(names, sample, func(raw []byte) {
			var n nameRecord
			if name, at, err := l.read(raw, &n, now); err == nil && l.clock.wallNow().UnixNano()-at.wall > int64(rememberExpired) {
				over.names = append(over.names, name)
			}
		}),
		l.store.sample(holds, sample, func(raw []byte) {
			var h holdRecord
			if gate, _, err := l.read(raw, &h, now); err == nil && h.over(now) {
				over.holds = append(over.holds, gate)
			}
		}),
	}
	used, err := l.store.inUse()
	over.sessions = slices.DeleteFunc(over.sessions, func(id string) bool { return used[id] })
	return over, errors.Join(append(errs, err)...)
}

// ipOver reports whether nobody can miss the record any more.
func (l *Ledger) ipOver(s *ipRecord, now instant, at stamp) bool {
	return s.idle(now.add(-rememberExpired)) && l.clock.wallNow().UnixNano()-at.wall > int64(rememberExpired)
}

// over reports whether nobody can miss the record any more.
func (r *sessionRecord) over(now, expires time.Time, life Life) bool {
	if r.Tombstone {
		return now.Sub(wallTime(r.Died)) > rememberDead
	}
	if r.Life.Final || life.Final {
		if used := wallTime(max(r.Created, r.LastUsed)); used.After(expires) {
			expires = used
		}
	}
	if r.Name != "" {
		return !expires.IsZero() && now.Sub(expires) > rememberNamed
	}
	return !expires.IsZero() && now.Sub(expires) > rememberExpired
}

// over reports whether nobody can miss the record any more.
func (h *holdRecord) over(now instant) bool { return h.Until < now.add(-rememberExpired) }

// clear drops records if they are still over. What it cannot drop is met again.
func (l *Ledger) clear(over leftovers) {
	for _, id := range over.sessions {
		l.noted(l.clearSession(id))
	}
	for _, key := range over.ips {
		var s ipRecord
		l.noted(l.edit(context.Background(), ref{ipRecords, key}, &s, func(rec found) action {
			return dropIf(rec.exists && !rec.damaged && s.idle(rec.now.add(-rememberExpired)))
		}))
	}
	for _, name := range over.names {
		l.noted(l.clearName(name))
	}
	for _, gate := range over.holds {
		var h holdRecord
		l.noted(l.edit(context.Background(), ref{holds, gate}, &h, func(rec found) action {
			return dropIf(rec.exists && !rec.damaged && h.over(rec.now))
		}))
	}
}

func (l *Ledger) clearSession(id string) error {
	if err := l.buryEnded(id); err != nil {
		return err
	}
	var r sessionRecord
	return l.edit(context.Background(), ref{sessions, id}, &r, func(rec found) action {
		return dropIf(rec.exists && !rec.damaged && r.over(l.clock.wallNow(), l.session(id, &r).ExpiresAt, l.life))
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
