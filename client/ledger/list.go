package ledger

import (
	"cmp"
	"time"
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
	now := l.clock.wallNow()
	err = l.store.list(sessions, func(raw []byte) {
		var r sessionRecord
		id, _, err := l.read(raw, &r, l.clock.now())
		if err != nil {
			return // torn or damaged: it is told when it is needed
		}
		s := l.session(id, &r)
		s.InUse = used[id]
		if !s.InUse && r.over(now, s.ExpiresAt, l.life) {
			over = append(over, id)
		} else if s.InUse || r.known() {
			s.ReadyAt = ready.of(queueKey(id, &r))
			all = append(all, s)
		}
	})
	if err != nil {
		return nil, err
	}
	l.clear(leftovers{sessions: over, ips: ready.idle})
	return all, nil
}

// readiness is when each outgoing IP is ready.
type readiness struct {
	at    map[string]time.Time
	alias map[string]string
	idle  []string // IPs whose records nobody needs any more
}

func (r *readiness) of(key string) time.Time {
	return r.at[cmp.Or(r.alias[key], key)]
}

func (l *Ledger) readyTimes() (*readiness, error) {
	r := &readiness{at: map[string]time.Time{}, alias: map[string]string{}}
	now, wall := l.clock.now(), l.clock.wallNow()
	err := l.store.list(ipRecords, func(raw []byte) {
		var s ipRecord
		key, at, err := l.read(raw, &s, now)
		if err != nil {
			return
		}
		if s.Alias != "" {
			r.alias[key] = s.Alias
		} else if t := s.ready(now); t > never/2 {
			r.at[key] = wall.Add(t.sub(now))
		}
		if l.ipOver(&s, now, at) {
			r.idle = append(r.idle, key)
		}
	})
	return r, err
}
