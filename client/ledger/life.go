package ledger

import (
	"errors"
	"fmt"
	"time"

	"smp/client/spell"
)

// Life is how the service ends a session.
type Life struct {
	Idle time.Duration // after its last request; 0: no end
	Age  time.Duration // after its first request; 0: no end

	// Final says that the id of an ended session must not be sent again: the service
	// would begin another session with it. Then Reserve refuses a session that is dead,
	// and one whose end has come by the clock, counted from the sending of its requests.
	Final  bool
	Margin time.Duration // how much before its end a session counts as ended, where Final
	Bans   int           // in a row that end a session, where Final; 0: none
}

// EndedError says that the end of a session has come and that nothing was sent. It is
// an ErrSessionDead.
type EndedError struct {
	Session string
	Reason  string // "2m after its last request"; empty where it was retired before
}

func (e *EndedError) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("session %s has ended", e.Session)
	}
	return fmt.Sprintf("session %s has ended, %s", e.Session, e.Reason)
}

// Is makes errors.Is take the error for ErrSessionDead.
func (e *EndedError) Is(target error) bool { return target == ErrSessionDead }

// RegionError says that a session's first request was for another region, or for none:
// its outgoing IP stays what it is. Nothing was sent.
type RegionError struct {
	Session    string
	Has, Asked string // Has is "" where the first request named none
}

func (e *RegionError) Error() string {
	has := "without a region"
	if e.Has != "" {
		has = "with the region " + e.Has
	}
	return fmt.Sprintf("session %s began %s, and keeps its outgoing IP: it cannot be asked for %s", e.Session, has, e.Asked)
}

// checkRegion refuses a region that the session's first request did not ask for.
func (r *sessionRecord) checkRegion(id, region string) error {
	if region == "" || r.First == 0 || r.Region == region {
		return nil
	}
	return &RegionError{Session: id, Has: r.Region, Asked: region}
}

// lifeOf is the life of a session: its own, else the ledger's.
func (l *Ledger) lifeOf(r *sessionRecord) Life {
	if r.Life == (Life{}) {
		return l.life
	}
	return r.Life
}

// end is when a session ends that was used, and why then. ok is false where it does not.
func (r *sessionRecord) end(life Life) (at instant, reason string, ok bool) {
	if !life.Final || r.First == 0 {
		return 0, "", false
	}
	if life.Idle > 0 {
		at, reason, ok = r.Sent.add(life.Idle), fmt.Sprintf("%s after its last request", spell.Duration(life.Idle)), true
	}
	if oldest := r.First.add(life.Age); life.Age > 0 && (!ok || oldest < at) {
		at, reason, ok = oldest, fmt.Sprintf("%s after its first request", spell.Duration(life.Age)), true
	}
	return at, reason, ok
}

// EndsAt is when a session ends for good that is used no more; zero where it does not,
// or nothing is known of it.
func (l *Ledger) EndsAt(id string) (time.Time, error) {
	var r sessionRecord
	rec, err := l.view(ref{sessions, id}, &r)
	if err != nil || !rec.exists || rec.damaged {
		return time.Time{}, err
	}
	at, _, ok := r.end(l.lifeOf(&r))
	if !ok {
		return time.Time{}, nil
	}
	return l.clock.wall(at), nil
}

// usable refuses a session whose id must not be sent again.
func (l *Ledger) usable(id string, r *sessionRecord, now instant) error {
	return l.retireEnded(id, l.ended(id, r, now))
}

// retireEnded marks a session as dead whose end has come by the clock.
func (l *Ledger) retireEnded(id string, refused error) error {
	if e, ended := errors.AsType[*EndedError](refused); ended && e.Reason != "" {
		if err := l.MarkDead(id); err != nil {
			return err
		}
	}
	return refused
}

// ended is usable, but changes nothing.
func (l *Ledger) ended(id string, r *sessionRecord, now instant) error {
	life := l.lifeOf(r)
	if !life.Final {
		return nil
	}
	if r.Dead || r.Tombstone {
		return &EndedError{Session: id}
	}
	at, reason, ok := r.end(life)
	if !ok || now < at.add(-life.Margin) {
		return nil
	}
	return &EndedError{Session: id, Reason: reason}
}

// sentIn records that a request of a session is sent, from which its end is counted.
func (l *Ledger) sentIn(id string, at instant, region string) error {
	return l.editSession(id, func(r *sessionRecord) action {
		r.use(at, region)
		return save
	})
}

// use counts a request that was sent.
func (r *sessionRecord) use(at instant, region string) {
	if r.First == 0 {
		r.First, r.Region = at, region
	}
	r.Sent = max(r.Sent, at)
}

// judge counts the bans in a row, and reports whether they end the session.
func (r *sessionRecord) judge(life Life, f Feedback) (ended bool) {
	switch {
	case f.Banned && f.UnrecordedRequests > 0:
		r.Bans = 1
	case f.Banned:
		r.Bans++
	case f.Answered:
		r.Bans = 0
	}
	return life.Final && life.Bans > 0 && r.Bans >= uint64(life.Bans)
}
