package ledger

import (
	"cmp"
	"context"
	"time"
)

// Session is what this machine knows of a session. Times are wall times; a zero
// one is unknown.
type Session struct {
	ID, IP, Name string
	Region       string // of the IP, as the first request asked; "" = none was asked for
	Mine         bool   // created by this machine
	Created      time.Time
	LastUsed     time.Time
	ReadyAt      time.Time // when a request that queued now could start; an estimate
	ExpiresAt    time.Time // an estimate; zero where nothing is known, and before the first use if the service ends sessions for good
	Requests     int64
	Dead         bool // the service said it does not know it
	InUse        bool // by a live process
}

// Add records a session that this machine created. ID is required; IP, Name and
// Created may be left out, the other fields are not looked at. What is known of
// the session already, unless it was dead, stays.
func (l *Ledger) Add(s Session) error { return l.AddAll([]Session{s}) }

// AddAll adds many sessions in one go, which costs much less than one by one. After
// an error some may be recorded. Whoever adds sessions also clears away a bounded
// number of those that are long over.
func (l *Ledger) AddAll(all []Session) error {
	edits := make([]edit, len(all))
	lost := make([]bool, len(all))
	ips := map[string]string{}
	for i, s := range all {
		if s.ID == "" {
			return errNoID
		}
		if s.Created.IsZero() {
			s.Created = l.clock.wallNow()
		}
		edits[i] = l.sessionEdit(s.ID, &lost[i], s.addTo)
		if s.IP != "" {
			ips[s.ID] = s.IP
		}
	}
	if err := l.store.edit(context.Background(), edits...); err != nil {
		return err
	}
	for i, s := range all {
		if lost[i] {
			if err := l.touch(keyOfID(s.ID)); err != nil {
				return err
			}
		}
	}
	if err := l.Learn(ips); err != nil {
		return err
	}
	l.tidying.Go(func() { l.tidyAfter(len(all)) }) // nobody waits for that but Close
	return nil
}

func (s Session) addTo(r *sessionRecord) action {
	if r.Dead || r.Tombstone {
		*r = sessionRecord{Deaths: r.Deaths} // the service gave the id out again
	}
	r.Mine, r.Name = true, cmp.Or(s.Name, r.Name)
	r.Created = cmp.Or(r.Created, s.Created.UnixNano())
	return save
}

// Session is one session; ok is false if nothing is known of it.
func (l *Ledger) Session(id string) (s Session, ok bool, err error) {
	var r sessionRecord
	rec, err := l.view(ref{sessions, id}, &r)
	if err != nil || !rec.exists || rec.damaged {
		return Session{}, false, err
	}
	used, err := l.store.inUse()
	if err != nil || !used[id] && !r.known() {
		return Session{}, false, err
	}
	s = l.session(id, &r)
	s.InUse = used[id]
	s.ReadyAt, err = l.readyAt(queueKey(id, &r))
	return s, true, err
}

func (l *Ledger) readyAt(key string) (time.Time, error) {
	for range maxAliases {
		var s ipRecord
		rec, err := l.view(ref{ipRecords, key}, &s)
		if err != nil || !rec.exists || rec.damaged {
			return time.Time{}, err
		}
		if s.Alias == "" {
			return l.clock.wall(s.ready(rec.now)), nil
		}
		key = s.Alias
	}
	return time.Time{}, nil
}

func (l *Ledger) session(id string, r *sessionRecord) Session {
	s := Session{
		ID: id, IP: r.IP, Name: r.Name, Region: r.Region, Mine: r.Mine, Dead: r.Dead,
		Created: wallTime(r.Created), LastUsed: wallTime(r.LastUsed), Requests: int64(r.Requests),
	}
	life := l.lifeOf(r)
	if life.Final {
		if at, _, ok := r.end(life); ok {
			s.ExpiresAt = l.clock.wall(at)
			s.Dead = s.Dead || !l.clock.wall(at.add(-life.Margin)).After(l.clock.wallNow())
		}
		return s
	}
	if last := max(r.Created, r.LastUsed); last > 0 && life.Idle > 0 {
		s.ExpiresAt = wallTime(last).Add(life.Idle)
	}
	return s
}

func wallTime(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns)
}

// known tells if a session is worth showing.
func (r *sessionRecord) known() bool {
	return !r.Tombstone && (r.Mine || r.Name != "" || r.Requests > 0)
}

// MarkDead records that the service does not know the session. Tickets of it
// that wait find out when they wake; a later Reserve asks the service again.
func (l *Ledger) MarkDead(id string) error {
	return l.editKnown(id, func(r *sessionRecord) action {
		r.die(l.clock.wallNow())
		return save
	})
}

func (r *sessionRecord) die(wall time.Time) {
	r.Dead, r.Deaths, r.Died = true, r.Deaths+1, wall.UnixNano()
}

// CountRequests counts n requests that were sent under a lease, which no ticket has
// recorded (see [Feedback]).
func (l *Ledger) CountRequests(id string, n int) error {
	return l.editKnown(id, func(r *sessionRecord) action {
		if r.Tombstone {
			return keep
		}
		r.Requests += uint64(n)
		return save
	})
}

// Forget drops a session, and with it the binding of its name. Tickets that
// wait for it go on, unless it was marked dead before: for what was deleted at the
// service see [Ledger.End].
func (l *Ledger) Forget(id string) error { return l.forget(id, false) }

// End drops a session that the service has ended. Tickets that wait for it find out when
// they wake.
func (l *Ledger) End(id string) error { return l.forget(id, true) }

func (l *Ledger) forget(id string, dead bool) error {
	final := false
	err := l.editKnown(id, func(r *sessionRecord) action {
		if dead {
			r.die(l.clock.wallNow())
		}
		final = l.lifeOf(r).Final && (r.Dead || r.First != 0)
		if !r.Dead {
			return drop
		}
		*r = sessionRecord{Tombstone: true, Dead: true, Deaths: r.Deaths, Died: r.Died, IP: r.IP, Life: r.Life}
		return save
	})
	if err == nil && final {
		err = l.bury(id)
	}
	return err
}

// Use announces that this process is using a session, until release is called
// or the process ends. An open Ticket does the same.
func (l *Ledger) Use(id string) (release func(), err error) { return l.store.announceUse(id) }

// editKnown is editSession for a session that has a record, and nothing for others.
func (l *Ledger) editKnown(id string, f func(*sessionRecord) action) error {
	raw, err := l.store.peek(ref{sessions, id})
	if err != nil || len(raw[0]) == 0 {
		return err
	}
	return l.editSession(id, f)
}

// editSession changes a session's record. A damaged one is begun anew, and so is
// the record of its IP: nothing says any more where the session was used.
func (l *Ledger) editSession(id string, f func(*sessionRecord) action) error {
	lost := false
	err := l.store.edit(context.Background(), l.sessionEdit(id, &lost, f))
	if err == nil && lost {
		err = l.touch(keyOfID(id))
	}
	return err
}

// sessionEdit is the edit of editSession, which sets lost where the record was
// damaged.
func (l *Ledger) sessionEdit(id string, lost *bool, f func(*sessionRecord) action) edit {
	var r sessionRecord
	return l.editing(ref{sessions, id}, &r, func(rec found) action {
		*lost = rec.damaged
		return f(&r)
	})
}
