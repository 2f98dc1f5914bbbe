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

	// Claim lets requests without a delay follow in this session, for so long from
	// now on, without a ticket each: the IP counts as used until then, so that
	// nobody who keeps a delay comes too close to any of them.
	Claim   time.Duration
	Further int // requests that were sent under the last claim
}

// Written notes that the request goes out only now, which may be later than Start
// returned. It may be called from any goroutine, and does nothing after FirstByte
// or Done.
func (t *Ticket) Written() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.answered == 0 {
		t.sent = t.l.clock.now()
	}
}

// FirstByte notes when the answer began. It may be called from any goroutine,
// counts once, and does no more than that: Done records it.
func (t *Ticket) FirstByte() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.answered == 0 {
		t.answered = t.l.clock.now()
	}
}

// land records the answer, even where the record lost sight of the request.
func (t *Ticket) land(s *slot) {
	if !s.land(t.place, t.sent, t.answered) {
		s.note(t.sent, t.answered, t.pace.Delay)
	}
}

// Done ends the request when the head of its answer is there, or has failed to
// come: the request is counted, and what the answer says is recorded for all
// processes. Until then it may hold up the requests behind it. Without a
// FirstByte before, it was answered now. On a ticket that never started Done is
// Cancel.
func (t *Ticket) Done(f Feedback) error {
	if t.state != started {
		t.Cancel()
		return nil
	}
	defer t.drop()
	t.FirstByte()
	if !validIP(f.IP) {
		f.IP = ""
	}
	f.Postpone = min(max(0, f.Postpone), maxPostpone)
	return cmp.Or(t.tellSlots(f), t.tellSession(f), t.tellRecent(f))
}

// tellRecent notes that the session was used now: the wait for the slot and the
// answer may have taken longer than NeedsIP looks back.
func (t *Ticket) tellRecent(f Feedback) error {
	id := cmp.Or(t.session, f.Session)
	if id == "" || t.pace.Delay <= 0 {
		return nil
	}
	_, err := t.l.recent(id)
	return err
}

// tellSlots records the answer where the request queued, and also where the
// answer says that it went.
func (t *Ticket) tellSlots(f Feedback) error {
	went := keyOfIP(f.IP)
	if t.session != "" {
		if f.IP != "" && f.IP != t.ip {
			if err := t.l.merge(keyOfID(t.session), went); err != nil {
				return err
			}
		}
		if err := t.tellSlot(&t.key, f, f.IP == "" || t.key == went); err != nil {
			return err
		}
	}
	if f.IP == "" || t.session != "" && t.key == went {
		return nil
	}
	return t.tellSlot(&went, f, true)
}

// tellSlot records the answer at one key, which becomes the one it stands for.
func (t *Ticket) tellSlot(key *string, f Feedback, postpone bool) (err error) {
	*key, err = t.l.editSlot(context.Background(), *key, func(s *slot, now instant) verdict {
		t.land(s)
		if f.Claim > 0 {
			s.Last = max(s.Last, now.add(f.Claim))
		}
		if postpone && f.Postpone > 0 {
			s.postpone(t.answered.add(f.Postpone))
		}
		return save
	})
	return err
}

// tellSession counts the request, and makes the session known that it created.
func (t *Ticket) tellSession(f Feedback) error {
	id := cmp.Or(t.session, f.Session)
	if id == "" {
		return nil
	}
	err := t.l.editSession(id, func(r *sessionRecord) verdict {
		now := time.Now().UnixNano()
		switch {
		case t.session == "" && (r.Created == 0 || r.Dead):
			*r = sessionRecord{Mine: true, Created: now, Name: r.Name, Deaths: r.Deaths}
		case r.Dead && f.Session == id && r.Deaths == t.deaths:
			*r = sessionRecord{Deaths: r.Deaths} // dead before this request, which it answered
		case r.Gone:
			return keep
		}
		r.count(now, f)
		return save
	})
	if err == nil && t.session == "" && t.pace.Delay > 0 {
		_, err = t.l.recent(id)
	}
	return err
}

// count adds a request that ended now, and those sent under the claim before it.
func (r *sessionRecord) count(now int64, f Feedback) {
	r.Requests += 1 + uint64(max(0, f.Further))
	r.LastUsed = now
	r.IP = cmp.Or(f.IP, r.IP)
	r.IdleTTL = cmp.Or(f.IdleTTL, r.IdleTTL)
	r.MaxAge = cmp.Or(f.MaxAge, r.MaxAge)
}
