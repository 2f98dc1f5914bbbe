package ledger

import (
	"context"
	"fmt"
	"time"
)

// NoLimit, as a Pace's Patience or a Wait's Max, lets a wait take as long as it may.
const NoLimit time.Duration = -1

// Pace is how a request wants to be paced.
type Pace struct {
	Delay    time.Duration // least distance to the requests before and after; 0: none of its own
	Patience time.Duration // longest wait from Reserve on; 0: none; negative (NoLimit): no limit
	Unpaced  bool          // send now, whatever the queue; the request is recorded all the same
	Region   string        // of the outgoing IP, bound to the session by its first request; "": any
}

// Reserve takes the next slot of the session's outgoing IP or, while that is
// unknown, of the session. It never waits for the slot, only for the record's
// lock. The caller must end the ticket with Done or Cancel.
//
// An empty session means a request without one, or one that creates it. Such a ticket
// waits for nothing and only records the IP that the answer names.
//
// If the slot is later than p.Patience from now it returns *TooLate and nothing
// is reserved.
func (l *Ledger) Reserve(session string, p Pace) (*Ticket, error) {
	t := &Ticket{l: l, session: session, pace: p, reserved: l.clock.now()}
	t.slot = t.reserved
	if session == "" {
		return t, nil
	}
	if err := t.admit(); err != nil {
		t.drop()
		return nil, err
	}
	return t, nil
}

// admit finds the queue and joins it.
func (t *Ticket) admit() error {
	if err := t.identify(); err != nil || t.pace.Unpaced {
		return err
	}
	return t.queue()
}

// identify announces the ticket and reads the record of its session.
func (t *Ticket) identify() (err error) {
	if t.reservation.Owner, err = t.l.store.owner(); err != nil {
		return err
	}
	if t.release, err = t.l.store.announceUse(t.session); err != nil {
		return err
	}
	r, err := t.l.ensure(t.session)
	t.reservation.Delay = t.pace.Delay
	t.key, t.ip, t.deaths, t.final = queueKey(t.session, &r), r.IP, r.Deaths, t.l.lifeOf(&r).Final
	if err != nil {
		return err
	}
	if err := t.l.usable(t.session, &r, t.reserved); err != nil {
		return err
	}
	return r.checkRegion(t.session, t.pace.Region)
}

// queue joins the queue, unless the slot is too late.
func (t *Ticket) queue() error {
	var refused error
	err := t.l.editIP(context.Background(), &ipEdit{key: &t.key, f: func(s *ipRecord, now instant, _ [][]byte) action {
		refused = nil
		s.giveUp(t.reservation) // of an earlier call that failed half-way
		changed := t.tidy(s, now)
		if len(s.Queue) >= maxQueue {
			refused = fmt.Errorf("%d requests already wait for %s", len(s.Queue), t.what())
			return changed
		}
		t.reserved, t.looked = now, now
		t.reservation = s.take(now, t.reservation.Owner, t.pace.Delay)
		t.slot = s.slotOf(now, t.reservation)
		if refused = t.tooLate(s, now, 0); refused != nil {
			s.giveUp(t.reservation)
			return changed
		}
		return save
	}}, t.l.use(t.session, t.pace.Delay)...)
	if err != nil {
		return err
	}
	return refused
}

// what is waited for, as it is told.
func (t *Ticket) what() string {
	if t.gate != "" {
		return "the next " + t.gate.String()
	}
	return "session " + t.session
}

// tidy drops what dead processes left, as far as it stands in the way: their
// unanswered requests, and their reservations at the head of the queue.
func (t *Ticket) tidy(s *ipRecord, now instant) action {
	v := keep
	for _, f := range s.overdue(now, t.pace.Delay) {
		if !t.lives(f.Owner) {
			s.abandon(f)
			v = save
		}
	}
	for len(s.Queue) > 0 && !t.lives(s.Queue[0].Owner) {
		s.Queue = s.Queue[1:]
		v = save
	}
	return v
}

func (t *Ticket) lives(o owner) bool { return o == t.reservation.Owner || t.l.store.alive(o) }

// tooLate compares the slot with the patience. grace is for the drift by what answers take:
// a request that was queued is refused only after a postponement.
func (t *Ticket) tooLate(s *ipRecord, now instant, grace time.Duration) error {
	if t.pace.Patience < 0 || t.slot.sub(t.reserved)-grace <= t.pace.Patience {
		return nil
	}
	return &TooLate{
		Session: t.session, Gate: t.gate,
		Waited: now.sub(t.reserved), Wait: max(0, t.slot.sub(now)),
		Unanswered: len(s.overdue(now, t.pace.Delay)) > 0,
	}
}
