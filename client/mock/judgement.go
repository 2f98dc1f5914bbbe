package mock

import (
	"fmt"
	"slices"
	"time"
)

// pace is what a client can know of a session's slots.
type pace struct {
	named  time.Time // when an answer first told the session's IP; zero is never
	told   time.Time // what X-Crawlera-Next-Request-In said, as a moment
	toldAt time.Time
	judged int64
	debt   int64 // early requests that no later one has made good
}

func (p *pace) name(now time.Time) {
	if p.named.IsZero() {
		p.named = now
	}
}

func (p *pace) namedBy(t time.Time) bool { return !p.named.IsZero() && !p.named.After(t) }

// toldBy is what X-Crawlera-Next-Request-In said until t.
func (p *pace) toldBy(t time.Time) time.Time {
	if p.toldAt.After(t) {
		return time.Time{}
	}
	return p.told
}

// count keeps the account of a session's haste: each early request is made good
// by one that is not. It says whether the request comes while something is owed.
func (p *pace) count(early bool) (owed bool) {
	owed = p.debt > 0
	if early {
		p.debt++
	} else {
		p.debt = max(p.debt-1, 0)
	}
	return owed
}

// uncount takes back what an early request added.
func (p *pace) uncount(early bool) {
	if early {
		p.debt = max(p.debt-1, 0)
	}
}

// verdict of one request on its earliness.
const (
	verdictViolation  = "violation"
	verdictUnknowable = "unknowable"
	verdictDead       = "dead" // its session had ended
)

// How long, in real time, it may take until what an answer told governs what
// is sent. A request that crosses the answer on its way is nobody's fault.
const (
	crossing     = 10 * time.Millisecond // of an IP's name and a session's first request
	crossingWait = 50 * time.Millisecond // of X-Crawlera-Next-Request-In
)

// judgement is the verdict on one request.
type judgement struct {
	verdict string        // "" is in time
	reason  string        // of any other
	early   time.Duration // how much sooner it came than it may, 0 within the tolerance
	known   time.Duration // the same, by what its sender could know
}

// rules are what the verdict measures by.
type rules struct{ delay, tolerance time.Duration }

func (st *store) rules() rules { return rules{st.cfg.Delay, st.tolerance()} }

func (st *store) tolerance() time.Duration { return st.clock.service(st.cfg.Tolerance) }

// early is how long before earliest a request came at t, 0 within the tolerance.
func (r rules) early(earliest, t time.Time) time.Duration {
	if by := earliest.Sub(t); by > r.tolerance {
		return by
	}
	return 0
}

// after returns the earliest moment for a request that comes at t behind rv. It
// also reports whether this moment counts from the slot of rv or from its
// arrival.
//
// Normally the moment is one delay after the sender began with rv. A steady cadence
// that slipped once is early once, and the tunnel of a first request is no slip.
// For a client that repeats at each answer it is one delay after rv's slot. The
// service spaces the requests that it holds, so such a client keeps the distance by
// itself.
func (r rules) after(rv *reservation, t time.Time) (earliest time.Time, fromSlot bool) {
	if r.paced(rv, t) {
		return rv.slot.Add(r.delay), true
	}
	return rv.sent.Add(r.delay), false
}

// paced reports whether rv was held so long that its sender may have fired at the
// answer. A hold alone does not tell: who keeps the delay by a timer is held too,
// behind the haste of others and behind two small slips. One of these must be true:
//
//  1. rv came a quarter of a delay too early, or
//  2. its sender owed for an earlier request, and rv was held for 3/4 of a delay, or
//  3. rv was held longer than a delay, and the request at t comes after its slot.
func (r rules) paced(rv *reservation, t time.Time) bool {
	held := rv.slot.Sub(rv.arrived)
	switch {
	case rv.knownEarly >= r.delay/4:
		return true
	case rv.owes:
		return held >= r.delay*3/4
	}
	return held > r.delay+r.tolerance && !t.Before(rv.slot)
}

// judge reports whether a request of s that comes at t is early, and whether its
// sender could have known better. A sender knows the session's own requests, and
// those of other sessions whose IP it was told. It also knows how long the
// service told it to wait.
func (st *store) judge(s *session, t time.Time) judgement {
	r := st.rules()
	last := s.node.last()
	if last == nil {
		return judgement{}
	}
	earliest, _ := r.after(last, t)
	known := st.known(s, t)
	j := judgement{early: r.early(earliest, t), known: r.early(known.earliest, t)}
	switch {
	case j.known > 0:
		j.verdict, j.early, j.reason = verdictViolation, j.known, known.reason(s, t)
	case j.early > 0:
		j.verdict, j.reason = verdictUnknowable, "no answer had named the IP of both sessions"
	}
	return j
}

// knowledge is the earliest moment that a sender knows of.
type knowledge struct {
	earliest time.Time
	from     *reservation // the request that it counts from; nil is what an answer told
	fromSlot bool
}

// known is the earliest moment by all that the sender of a request in s could
// know at t.
func (st *store) known(s *session, t time.Time) (k knowledge) {
	grace := st.clock.service(crossing)
	if s.pace.judged > 0 {
		grace = 0
	}
	shares := func(other *session) bool {
		return other == s || s.pace.namedBy(t.Add(-grace)) && other.pace.namedBy(t.Add(-grace))
	}
	for _, rv := range slices.Backward(s.node.queue) {
		if shares(rv.session) {
			k.from = rv
			k.earliest, k.fromSlot = st.rules().after(rv, t)
			break
		}
	}
	heard := t.Add(-st.clock.service(crossingWait))
	for other := range s.node.sessions {
		if told := other.pace.toldBy(heard); told.After(k.earliest) && shares(other) {
			k = knowledge{earliest: told}
		}
	}
	return k
}

// reason says for a person why a request of s at t was too early.
func (k knowledge) reason(s *session, t time.Time) string {
	if k.from == nil {
		return "an answer had told to wait longer"
	}
	where := "in the same session"
	if k.from.session != s {
		where = "on the same IP, which answers had named"
	}
	since, what := t.Sub(k.from.sent), "arrival"
	switch {
	case k.fromSlot:
		since, what = t.Sub(k.from.slot), "release"
	case k.from.sent.Before(k.from.arrived):
		what = "tunnel"
	}
	if since < 0 {
		return "the request before it, " + where + ", is still held"
	}
	return fmt.Sprintf("%v after the %s of the request before it, %s", since.Round(time.Millisecond), what, where)
}
