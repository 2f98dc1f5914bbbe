package ledger

import (
	"context"
	"errors"
	"sync"
	"time"
)

// maxNap bounds a sleep: timers stop while the machine is suspended, and
// postponements and dead sessions should be noticed before the slot.
const maxNap = time.Second

// fresh is the greatest age of a look that only sets the length of a sleep.
const fresh = 5 * time.Millisecond

// Ticket is one request in the queue of an outgoing IP. It is not for concurrent
// use, but for Writing, Written and FirstByte.
type Ticket struct {
	l       *Ledger
	session string
	pace    Pace
	release func() // ends the announcement of the session; nil for none

	gate        Gate   // that is passed; "" is none: the slot is a session's
	key         string // of the slot
	ip          string
	deaths      uint64 // of the session, when the ticket was taken
	final       bool   // the session's id must not be sent after its end
	reservation reservation
	reserved    instant
	slot        instant // as last known
	looked      instant // when that was
	waited      time.Duration
	state       state
	sent        instant
	next        instant // set by Done: when a request that queues now could start; 0 is unknown

	mu       sync.Mutex
	writing  bool    // the request is being written, and may leave at any time
	answered instant // 0: not yet
}

type state int

const (
	waiting state = iota
	started
	ended
)

// Wait is how long it is until the slot, as last known; 0 means now.
func (t *Ticket) Wait() time.Duration { return max(0, t.slot.sub(t.l.clock.now())) }

// Waited is how long Sleep and Start have waited in all.
func (t *Ticket) Waited() time.Duration { return t.waited }

// Sleep returns lead before the slot, for connecting. progress, which may be
// nil, is told about once a second how long it is until the slot. The errors are
// those of Start.
func (t *Ticket) Sleep(ctx context.Context, lead time.Duration, progress func(left time.Duration)) error {
	return t.sleep(ctx, lead, false, progress)
}

// Start waits for the slot, looking again whenever it wakes, records that the
// request is sent and returns: send it now. After an error nothing may be sent:
// ErrSessionDead, *TooLate if the slot moved beyond Pace.Patience, a *StateError, or
// the cause of ctx's end.
func (t *Ticket) Start(ctx context.Context, progress func(left time.Duration)) error {
	return t.sleep(ctx, 0, true, progress)
}

func (t *Ticket) sleep(ctx context.Context, lead time.Duration, start bool, progress func(time.Duration)) error {
	if t.state != waiting {
		return errNotWaiting
	}
	for told := never; ; {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		now := t.l.clock.now()
		if start && t.slot <= now || now.sub(t.looked) > t.l.clock.lookAfter(t.slot.sub(now)) {
			if err := t.look(ctx, start); err != nil || t.state == started {
				return err
			}
			now = t.l.clock.now()
		}
		left := t.l.clock.until(t.slot, now)
		if !start && left <= lead {
			return nil
		}
		if progress != nil && now.sub(told) >= maxNap*9/10 {
			told = now
			progress(left)
		}
		err := sleep(ctx, min(left-lead, maxNap))
		t.waited += t.l.clock.now().sub(now)
		if err != nil {
			return err
		}
	}
}

// look reads what has become of the session and the queue. With start, and if the
// slot has come, it records the request as sent.
func (t *Ticket) look(ctx context.Context, start bool) error {
	if t.key == "" {
		t.slot = t.l.clock.now()
		t.looked = t.slot
		if start {
			t.state, t.sent = started, t.slot
		}
		return nil
	}
	var o outcome
	e := ipEdit{key: &t.key}
	if t.session != "" {
		e.beside = []ref{{sessions, t.session}}
	}
	e.f = func(s *ipRecord, now instant, beside [][]byte) action {
		o = t.lookAt(s, now, start, beside)
		return o.action
	}
	for range maxAliases {
		var err error
		if e.owner, err = t.l.store.owner(); err != nil {
			return err
		}
		t.reservation.Owner = e.owner // another than before if this process seemed dead meanwhile
		err = t.l.editIP(ctx, &e)
		switch {
		case errors.Is(err, errOwnerLost):
			continue
		case err != nil:
			return err
		case o.moved != "":
			t.key, t.ip = keyOfIP(o.moved), o.moved
			continue
		case o.unread: // half written or damaged; ensure reports damage under the lock
			e.beside = nil
			if _, err := t.l.ensure(t.session); err != nil {
				return err
			}
			continue
		case o.refused != nil:
			t.drop()
			return t.l.retireEnded(t.session, o.refused)
		case o.sent != 0:
			t.state, t.sent = started, t.l.clock.latest()
			if t.final {
				return t.l.sentIn(t.session, o.sent, t.pace.Region)
			}
		}
		return o.refused
	}
	return &StateError{"follow", t.key, errDamaged}
}

// outcome is the result of a look at the slot.
type outcome struct {
	action
	sent    instant // 0: not yet
	refused error
	moved   string // the session's IP, where another slot is its own now
	unread  bool   // the session could not be read
}

// lookAt is the part of look that holds the slot's record.
func (t *Ticket) lookAt(s *ipRecord, now instant, start bool, beside [][]byte) outcome {
	t.looked = now
	for _, raw := range beside {
		if o := t.follow(raw, now); o.unread {
			return o
		} else if o.refused != nil || o.moved != "" {
			if s.giveUp(t.reservation) {
				o.action = save
			}
			return o
		}
	}
	if start && s.flies(t.reservation) { // an earlier call recorded it, and failed then
		return outcome{sent: now}
	}
	if t.pace.Unpaced {
		t.slot = now
		if !start {
			return outcome{}
		}
		t.reservation.Num = s.number(now)
		s.send(now, t.reservation)
		return outcome{action: save, sent: now}
	}
	a := t.tidy(s, now)
	if s.join(t.reservation) {
		a = save
	}
	t.slot = s.slotOf(now, t.reservation)
	if err := t.tooLate(s, now, max(minSlack, t.pace.Patience/100)); err != nil {
		s.giveUp(t.reservation)
		return outcome{action: save, refused: err}
	}
	if !start || t.slot > now {
		return outcome{action: a}
	}
	s.start(now, t.reservation)
	return outcome{action: save, sent: now}
}

// follow reads the session: whether it died, and whether its IP has changed.
func (t *Ticket) follow(raw []byte, now instant) outcome {
	var r sessionRecord
	switch err := t.l.decode(ref{sessions, t.session}, raw, &r, now); {
	case err != nil:
		return outcome{unread: true}
	case t.dead(&r, now) != nil:
		return outcome{refused: t.dead(&r, now)}
	case r.IP != "" && keyOfIP(r.IP) != t.key:
		return outcome{moved: r.IP}
	}
	return outcome{} // a session forgotten or lost is no reason to stop
}

// dead says why nothing may be sent in the session any more.
func (t *Ticket) dead(r *sessionRecord, now instant) error {
	if err := t.l.ended(t.session, r, now); err != nil {
		return err
	}
	if r.Deaths > t.deaths {
		return ErrSessionDead
	}
	return nil
}

// giveUp gives the reservation back. Where that fails, one turn is lost.
func (t *Ticket) giveUp(ctx context.Context) {
	if t.pace.Unpaced || t.key == "" {
		return
	}
	err := t.l.editIP(ctx, &ipEdit{key: &t.key, f: func(s *ipRecord, _ instant, _ [][]byte) action {
		if s.giveUp(t.reservation) {
			return save
		}
		return keep
	}})
	if err != nil {
		t.l.notify(err)
	}
}

// drop ends a ticket that has no reservation any more.
func (t *Ticket) drop() {
	t.state = ended
	if t.release != nil {
		t.release()
	}
}

// Cancel ends a ticket. Before Start succeeded it gives the reservation back;
// afterwards it records the request as answered now. After Done or Cancel it does
// nothing, so that it can be deferred.
func (t *Ticket) Cancel() {
	switch t.state {
	case waiting:
		t.giveUp(context.Background())
		t.drop()
	case started:
		if err := t.Done(Feedback{}); err != nil {
			t.l.notify(err)
		}
	}
}
