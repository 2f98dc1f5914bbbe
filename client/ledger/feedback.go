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
	Life     Life          // of this session, where it is not Options.Life
	Banned   bool          // the target banned the session's IP
	Answered bool          // the target answered

	// Lease allows requests without a delay to follow in this session, for so long
	// from now on, without a ticket each. The IP counts as used until the lease
	// ends, so that no request with a delay comes too close to any of them.
	Lease              time.Duration
	UnrecordedRequests int // requests sent under the previous lease
}

// Writing records that the request is about to leave, which may be later than Start
// returned. Written is to follow. It may be called from any goroutine, and does nothing
// after FirstByte or Done.
func (t *Ticket) Writing() { t.departs(true) }

// Written records that the request has left; of several calls the last counts. It may
// be called from any goroutine, and does nothing after FirstByte or Done.
func (t *Ticket) Written() { t.departs(false) }

func (t *Ticket) departs(writing bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.answered == 0 {
		t.sent, t.writing = t.l.clock.latest(), writing
	}
}

// FirstByte records, for Done, that the answer begins now. It may be called from any
// goroutine; only the first call counts. A request that nobody has seen leaving may have
// left just now.
func (t *Ticket) FirstByte() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.answered != 0 {
		return
	}
	t.answered = t.l.clock.latest()
	if t.writing {
		t.sent = t.answered
	}
}

// complete records the answer, also where the record has lost the request.
func (t *Ticket) complete(s *ipRecord) {
	if !s.complete(t.reservation, t.sent, t.answered) {
		s.note(t.sent, t.answered, t.pace.Delay)
	}
}

// Done ends the request once the head of its answer has come, or will not come. It
// counts the request, and records for all processes what the answer says. Requests
// behind this one may wait for Done. Without a call of FirstByte the request counts
// as answered now. On a ticket that never started Done is Cancel.
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
	if t.gate != "" {
		return t.tellIP(&t.key, f, nil)
	}
	var unmerged error
	if f.IP != "" && f.IP != t.ip && t.session != "" {
		if unmerged = t.l.merge(keyOfID(t.session), keyOfIP(f.IP)); unmerged != nil {
			f.IP = "" // the session is paced by its id until an answer names the IP again
		}
	}
	err := t.tell(f)
	return cmp.Or(unmerged, err)
}

// Next is how long it is, after Done, until a request that queues now could start; 0 is
// now, or not known.
func (t *Ticket) Next() time.Duration {
	if t.next == 0 {
		return 0
	}
	return max(0, t.next.sub(t.l.clock.now()))
}

// tell records the answer at the IP where the request queued, at the IP that the answer
// names, and with the session.
func (t *Ticket) tell(f Feedback) error {
	id := cmp.Or(t.session, f.Session)
	var edits []edit
	lost := false
	if id != "" {
		edits = append(t.l.use(id, t.pace.Delay), t.l.sessionEdit(id, &lost, func(r *sessionRecord) action { return t.tellSession(r, id, f) }))
	}
	went := keyOfIP(f.IP)
	var err error
	switch {
	case t.session != "":
		err = t.tellIP(&t.key, f, edits)
	case len(edits) > 0:
		err = t.l.store.edit(context.Background(), edits...)
	}
	if err == nil && lost {
		err = t.l.touch(keyOfID(id))
	}
	if err != nil || f.IP == "" || t.session != "" && t.key == went {
		return err
	}
	return t.tellIP(&went, f, nil)
}

// tellIP records the answer in one IP's record. It follows aliases, and sets key to the
// record's own. A postponement is for the IP that the answer names.
func (t *Ticket) tellIP(key *string, f Feedback, more []edit) error {
	return t.l.editIP(context.Background(), &ipEdit{key: key, f: func(s *ipRecord, now instant, _ [][]byte) action {
		t.complete(s)
		if f.Lease > 0 {
			s.Last = max(s.Last, now.add(f.Lease))
		}
		if f.Postpone > 0 && (f.IP == "" || *key == keyOfIP(f.IP)) {
			s.postpone(t.answered.add(f.Postpone))
		}
		t.next = s.ready(now)
		return save
	}}, more...)
}

// tellSession counts the request, and records the session that it created.
func (t *Ticket) tellSession(r *sessionRecord, id string, f Feedback) action {
	now := t.l.clock.wallNow().UnixNano()
	life := cmp.Or(f.Life, t.l.lifeOf(r))
	switch {
	case t.session == "" && (r.Created == 0 || r.Dead):
		*r = sessionRecord{Mine: true, Created: now, Name: r.Name, Deaths: r.Deaths}
	case r.Dead && f.Session == id && r.Deaths == t.deaths && !life.Final:
		*r = sessionRecord{Deaths: r.Deaths} // it was marked dead before this request, and has answered it
	case r.Tombstone:
		return keep
	}
	r.count(now, f)
	if life.Final {
		r.use(t.sent, t.pace.Region)
	}
	if r.judge(life, f) && !r.Dead {
		r.die(t.l.clock.wallNow())
	}
	return save
}

// count adds a request that ended now, and those sent under the lease before it.
func (r *sessionRecord) count(now int64, f Feedback) {
	r.Requests += 1 + uint64(max(0, f.UnrecordedRequests))
	r.LastUsed = now
	r.IP = cmp.Or(f.IP, r.IP)
	r.Life = cmp.Or(f.Life, r.Life)
}
