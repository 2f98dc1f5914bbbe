package ledger

import (
	"cmp"
	"context"
	"time"
)

// maxPostpone is the service's hard limit, and so the most that it can mean.
const maxPostpone = 1000 * time.Second

// Feedback is what the answer to a request said. Every field may be left out.
type Feedback struct {
	IP       string        // outgoing IP
	Session  string        // the session that the answer names: the new one, if the request was to create it
	Postpone time.Duration // the service wants nothing from this IP for so long; at most 1000 s are believed
	IdleTTL  time.Duration // how long this session is kept when idle, where it is not Options.IdleTTL
	MaxAge   time.Duration // and at most
}

// FirstByte records that the answer begins. It may be called from any goroutine
// and does nothing but once.
func (t *Ticket) FirstByte() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.answered != 0 || t.sent == 0 {
		return
	}
	t.answered = t.l.clock.now()
	if t.session == "" {
		return
	}
	_, err := t.l.editSlot(context.Background(), t.key, func(s *slot, _ instant) verdict {
		t.land(s)
		return save
	})
	if t.landed = err == nil; !t.landed {
		t.l.notify(err)
	}
}

// land records the answer, even where the record lost sight of the request.
func (t *Ticket) land(s *slot) {
	if !s.land(t.place, t.answered) {
		s.note(t.sent, t.answered, t.pace.Delay)
	}
}

// Done ends the request: it is counted, and what the answer says is recorded
// for all processes. Without a FirstByte before, it was answered now. On a
// ticket that never started it is Cancel.
func (t *Ticket) Done(f Feedback) error {
	if t.state != started {
		t.Cancel()
		return nil
	}
	defer t.drop()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.answered = cmp.Or(t.answered, t.l.clock.now())
	if !validIP(f.IP) {
		f.IP = ""
	}
	f.Postpone = min(max(0, f.Postpone), maxPostpone)
	return cmp.Or(t.tellSlots(f), t.tellSession(f))
}

// tellSlots records the answer where the request queued, and also where the
// answer says that it went.
func (t *Ticket) tellSlots(f Feedback) error {
	if t.session != "" && f.IP != "" && f.IP != t.ip {
		if err := t.l.merge(keyOfID(t.session), keyOfIP(f.IP)); err != nil {
			return err
		}
	}
	went := keyOfIP(f.IP)
	if t.session != "" && (!t.landed || f.Postpone > 0 || f.IP != "" && t.key != went) {
		key, err := t.l.editSlot(context.Background(), t.key, func(s *slot, _ instant) verdict {
			t.land(s)
			if f.IP == "" || t.key == went {
				s.postpone(t.answered.add(f.Postpone))
			}
			return save
		})
		if err != nil {
			return err
		}
		t.key = key
	}
	if f.IP == "" || t.key == went && t.session != "" {
		return nil
	}
	_, err := t.l.editSlot(context.Background(), went, func(s *slot, _ instant) verdict {
		s.note(t.sent, t.answered, t.pace.Delay)
		s.postpone(t.answered.add(f.Postpone))
		return save
	})
	return err
}

func (t *Ticket) tellSession(f Feedback) error {
	id := cmp.Or(t.session, f.Session)
	if id == "" {
		return nil
	}
	return t.l.editSession(id, func(r *sessionRecord) verdict {
		if r.Gone && t.session != "" {
			return keep // deleted while this request was on its way
		}
		now := time.Now().UnixNano()
		if t.session == "" && (r.Created == 0 || r.Dead) {
			*r = sessionRecord{Mine: true, Created: now, Name: r.Name, Deaths: r.Deaths}
		}
		if f.Session == id && r.Deaths == t.deaths {
			r.Dead = false // marked before this request, and the service knows it after all
		}
		r.Requests++
		r.LastUsed = now
		r.IP = cmp.Or(f.IP, r.IP)
		r.IdleTTL, r.MaxAge = cmp.Or(f.IdleTTL, r.IdleTTL), cmp.Or(f.MaxAge, r.MaxAge)
		return save
	})
}
