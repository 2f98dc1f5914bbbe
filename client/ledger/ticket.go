package ledger

import (
	"context"
	"sync"
	"time"
)

// maxNap bounds a sleep: timers stop while the machine is suspended, and news
// of postponements and dead sessions should not wait for the slot.
const maxNap = time.Second

// fresh is how old a look may be that nothing but a sleep depends on.
const fresh = 5 * time.Millisecond

// Ticket is one request's place in the queue of an outgoing IP. It is not for
// concurrent use, except FirstByte.
type Ticket struct {
	l       *Ledger
	session string
	pace    Pace
	release func() // takes back the announcement of the session; nil: none

	key      string // of the slot
	ip       string
	deaths   uint64 // of the session, when the ticket was taken
	place    place
	reserved instant
	slot     instant // as last known
	looked   instant // when that was
	waited   time.Duration
	state    state
	sent     instant

	mu       sync.Mutex
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
// ErrSessionDead, *TooLate if the slot moved beyond MaxWait, a *StateError, or
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
		if start && t.slot <= now || now.sub(t.looked) > fresh {
			if err := t.look(ctx, start); err != nil || t.state == started {
				return err
			}
			now = t.looked
		}
		left := t.slot.sub(now)
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

// look sees what has become of the session and the queue. With start, and if
// the slot has come, it marks the request as sent.
func (t *Ticket) look(ctx context.Context, start bool) error {
	if t.session == "" {
		t.slot = t.l.clock.now()
		t.looked = t.slot
		if start {
			t.state, t.sent = started, t.slot
		}
		return nil
	}
	if err := t.follow(ctx); err != nil {
		return err
	}
	var o outcome
	key, err := t.l.editSlot(ctx, t.key, func(s *slot, now instant) verdict {
		o = t.lookAt(s, now, start)
		return o.verdict
	})
	t.key = key
	switch {
	case err != nil:
		return err
	case o.refused != nil:
		t.drop()
	case o.sent != 0:
		t.state, t.sent = started, o.sent
	}
	return o.refused
}

// outcome is what a look at the slot came to.
type outcome struct {
	verdict
	sent    instant // 0: not yet
	refused error
}

// lookAt is look for one who holds the slot's record.
func (t *Ticket) lookAt(s *slot, now instant, start bool) outcome {
	t.looked = now
	if t.pace.Unpaced {
		t.slot = now
		if !start {
			return outcome{}
		}
		t.place.Num = s.number(now)
		s.launch(now, t.place)
		return outcome{verdict: save, sent: now}
	}
	v := t.tidy(s, now)
	if s.join(t.place) {
		v = save
	}
	t.slot = s.slotOf(now, t.place)
	if err := t.tooLate(now, max(minSlack, t.pace.MaxWait/100)); err != nil {
		s.leave(t.place)
		return outcome{verdict: save, refused: err}
	}
	if !start || t.slot > now {
		return outcome{verdict: v}
	}
	s.start(now, t.place)
	return outcome{verdict: save, sent: now}
}

// follow looks at the session: whether it died, and whether its IP is another.
func (t *Ticket) follow(ctx context.Context) error {
	var r sessionRecord
	rec, err := t.l.view(sessions, t.session, &r)
	if err != nil || !rec.exists || rec.damaged {
		return err // forgotten or lost, which is no reason to stop
	}
	if r.Deaths > t.deaths {
		t.leave(ctx)
		t.drop()
		return ErrSessionDead
	}
	if key := slotKey(t.session, &r); r.IP != "" && key != t.key {
		t.leave(ctx)
		t.key, t.ip = key, r.IP
	}
	return nil
}

// leave gives the place back. If that fails it costs its turn, no more.
func (t *Ticket) leave(ctx context.Context) {
	if t.pace.Unpaced || t.key == "" {
		return
	}
	_, err := t.l.editSlot(ctx, t.key, func(s *slot, _ instant) verdict {
		if s.leave(t.place) {
			return save
		}
		return keep
	})
	if err != nil {
		t.l.notify(err)
	}
}

// drop ends a ticket that has no place any more.
func (t *Ticket) drop() {
	t.state = ended
	if t.release != nil {
		t.release()
	}
}

// Cancel ends a ticket: before Start succeeded it gives the place back,
// afterwards it records the request as answered now. After Done, and a second
// time, it does nothing, so it may be deferred.
func (t *Ticket) Cancel() {
	switch t.state {
	case waiting:
		t.leave(context.Background())
		t.drop()
	case started:
		if err := t.Done(Feedback{}); err != nil {
			t.l.notify(err)
		}
	}
}
