package ledger

import (
	"context"
	"time"
)

// recent records that id is used now, and returns when another session was. Of many
// goroutines at once one writes; the others then find the use recorded.
func (l *Ledger) recent(id string) (other instant, err error) {
	if r := l.seen.Load(); r != nil && r.tells(id, l.clock.now()) {
		return r.other(id), nil
	}
	l.recentMu.Lock()
	defer l.recentMu.Unlock()
	if r := l.seen.Load(); r != nil && r.tells(id, l.clock.now()) {
		return r.other(id), nil
	}
	err = l.store.edit(context.Background(), l.recentEdit(id, &other))
	return other, err
}

// use returns the edit that records the use of a session. It returns none if that is
// recorded, or another goroutine is recording it: thousands must not queue for one
// record.
func (l *Ledger) use(id string, delay time.Duration) []edit {
	now := l.clock.now()
	if r := l.seen.Load(); id == "" || delay <= 0 || r != nil && r.tells(id, now) {
		return nil
	}
	until := l.using.Load()
	if int64(now) < until || !l.using.CompareAndSwap(until, int64(now.add(minSlack))) {
		return nil
	}
	return []edit{l.recentEdit(id, new(instant))}
}

// recentEdit records that id is used now. All sessions share the record, so what it
// tells already is not written again, and is not even read again by this process.
func (l *Ledger) recentEdit(id string, other *instant) edit {
	var r recentRecord
	return l.editing(ref{recents, ""}, &r, func(rec found) action {
		if rec.damaged {
			r = recentRecord{ID: [2]string{"?"}, At: [2]instant{rec.now, never}}
		}
		*other = r.other(id)
		told := r.tells(id, rec.now)
		if !told {
			r.use(id, rec.now)
		}
		seen := r
		l.seen.Store(&seen)
		if told && !rec.damaged {
			return keep
		}
		return save
	})
}
