package ledger

import (
	"cmp"
	"context"
	"time"
)

const (
	// A dead session is remembered for those that wait for it, a forgotten or
	// expired one for those who look for it.
	rememberDead    = time.Hour
	rememberExpired = 24 * time.Hour
)

// Sessions returns, in no order, the sessions that were created, named or used on
// this machine, or are in use. It also clears away what is long over.
func (l *Ledger) Sessions() ([]Session, error) {
	used, err := l.store.inUse()
	if err != nil {
		return nil, err
	}
	ready, err := l.readyTimes()
	if err != nil {
		return nil, err
	}
	var all []Session
	var over []string
	now := time.Now()
	err = l.store.list(sessions, func(raw []byte) {
		var r sessionRecord
		id, stamp, err := decodeRecord(raw, &r)
		if err != nil {
			return // torn or damaged: told when it is needed
		}
		if d := l.clock.shift(stamp, l.clock.now()); d != 0 {
			r.shift(d)
		}
		s := l.session(id, &r)
		s.InUse = used[id]
		if !s.InUse && r.over(now, s.ExpiresAt, l.life) {
			over = append(over, id)
		} else if s.InUse || r.known() {
			s.ReadyAt = ready.of(slotKey(id, &r))
			all = append(all, s)
		}
	})
	if err != nil {
		return nil, err
	}
	l.clear(over, ready.idle)
	return all, nil
}

// readiness is when each slot is ready.
type readiness struct {
	at    map[string]time.Time
	alias map[string]string
	idle  []string // slots that nobody needs any more
}

func (r *readiness) of(key string) time.Time {
	return r.at[cmp.Or(r.alias[key], key)]
}

func (l *Ledger) readyTimes() (*readiness, error) {
	r := &readiness{at: map[string]time.Time{}, alias: map[string]string{}}
	now, wall := l.clock.now(), time.Now()
	err := l.store.list(slots, func(raw []byte) {
		var s slot
		key, stamp, err := decodeRecord(raw, &s)
		if err != nil {
			return // torn or damaged: told when it is needed
		}
		if d := l.clock.shift(stamp, now); d != 0 {
			s.shift(d)
		}
		if s.Alias != "" {
			r.alias[key] = s.Alias
		} else if t := s.ready(now); t > never/2 {
			r.at[key] = wall.Add(t.sub(now))
		}
		if s.idle(now.add(-rememberExpired)) && wall.UnixNano()-stamp.wall > int64(rememberExpired) {
			r.idle = append(r.idle, key)
		}
	})
	return r, err
}

// over tells if nobody can miss the record any more.
func (r *sessionRecord) over(now, expires time.Time, life Life) bool {
	if r.Tombstone {
		return now.Sub(wallTime(r.Died)) > rememberDead
	}
	if r.Life.Final || life.Final {
		expires = later(wallTime(max(r.Created, r.LastUsed)), expires)
	}
	return r.Name == "" && !expires.IsZero() && now.Sub(expires) > rememberExpired
}

// clear drops sessions and slots, if they are still over. What it cannot drop
// is met again.
func (l *Ledger) clear(ids, keys []string) {
	for _, id := range ids {
		if err := l.buryEnded(id); err != nil {
			l.notify(err)
			continue
		}
		var r sessionRecord
		err := l.edit(context.Background(), ref{sessions, id}, &r, func(rec found) action {
			if rec.exists && !rec.damaged && r.over(time.Now(), l.session(id, &r).ExpiresAt, l.life) {
				return drop
			}
			return keep
		})
		if err != nil {
			l.notify(err)
		}
	}
	for _, key := range keys {
		var s slot
		err := l.edit(context.Background(), ref{slots, key}, &s, func(rec found) action {
			if rec.exists && !rec.damaged && s.idle(rec.now.add(-rememberExpired)) {
				return drop
			}
			return keep
		})
		if err != nil {
			l.notify(err)
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
