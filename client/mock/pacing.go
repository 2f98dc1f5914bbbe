package mock

import "time"

// node is one outgoing IP and its slots.
type node struct {
	ip   string
	addr string // with the port

	next    time.Time     // earliest start of the next request
	started time.Time     // start of the one before it
	surplus time.Duration // by which haste has raised the delay

	sessions   map[*session]struct{}
	past       time.Time // what ended sessions leave behind of pace.own
	jar        jar
	held       int
	requests   int64
	violations int64
}

// pace is what a client can know of a session's slots.
type pace struct {
	own    time.Time // earliest next request by what the session itself has sent
	named  time.Time // when an answer first told the session's IP; zero is never
	told   time.Time // what X-Crawlera-Next-Request-In said, as a moment
	toldAt time.Time
	judged int64
}

func (p *pace) name(now time.Time) {
	if p.named.IsZero() {
		p.named = now
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

// slot is the place of one request.
type slot struct {
	at      time.Time     // when it may start
	early   time.Duration // how long before that it came, 0 within the tolerance
	verdict string        // "" is in time
	reason  string        // of an unknowable one
	refused bool          // beyond the hard limit
	next    time.Time     // the slot after it, as it was left
}

// claim takes the next slot of a session's IP for a request that arrived at t,
// and judges it.
func (st *store) claim(s *session, t time.Time) slot {
	st.mu.Lock()
	defer st.mu.Unlock()
	n, p := s.node, &s.pace
	early := n.next.Sub(t)
	// Without a delay there are no slots: requests that came at once may be
	// looked at in another order.
	if early <= st.tolerance() || st.cfg.Delay == 0 {
		return st.inTime(s, t)
	}
	taken := slot{at: n.next, early: early}
	taken.verdict, taken.reason = st.classify(s, t)
	n.requests++
	p.judged++
	if st.cfg.HardLimit > 0 && early >= st.cfg.HardLimit {
		taken.refused = true
		return taken
	}
	if limit := t.Add(st.cfg.MaxDelay); st.cfg.MaxDelay > 0 && taken.at.After(limit) {
		taken.at = limit
	}
	if t.Sub(n.started) < st.cfg.Delay-st.tolerance() {
		n.surplus = st.capped(n.surplus + st.cfg.Growth)
	}
	n.start(taken.at, st.cfg.Delay)
	taken.next = n.next
	// A client that could not know of the wait counts from what it did.
	from := t
	if taken.verdict == verdictViolation {
		from = taken.at
	}
	p.own = later(p.own, from.Add(st.cfg.Delay))
	return taken
}

// inTime is the slot of a request that need not wait. Good manners bring a
// raised delay down again.
func (st *store) inTime(s *session, t time.Time) slot {
	n := s.node
	n.requests++
	s.pace.judged++
	n.surplus = max(n.surplus-st.cfg.Growth, 0)
	n.start(t, st.cfg.Delay)
	s.pace.own = later(s.pace.own, t.Add(st.cfg.Delay))
	return slot{at: t, next: n.next}
}

func (n *node) start(at time.Time, delay time.Duration) {
	n.started = at
	n.next = at.Add(delay + n.surplus)
}

// capped keeps the raised delay below the longest that the service documents.
func (st *store) capped(surplus time.Duration) time.Duration {
	limit := max(st.cfg.MaxDelay, st.cfg.HardLimit)
	if limit == 0 {
		return surplus
	}
	return min(surplus, max(limit-st.cfg.Delay, 0))
}

// giveBack returns the slot of a request whose client left before it started,
// if nobody stands behind it.
func (st *store) giveBack(s *session, taken slot) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if s.node.next.Equal(taken.next) {
		s.node.next = taken.at
	}
}

// classify says whether the sender of an early request could have known better:
// from the requests of the same session, from those of other sessions whose IP
// it was told, or from what the service told it to wait.
func (st *store) classify(s *session, t time.Time) (verdict, reason string) {
	known := st.known(s, t)
	if known.Sub(t) > st.tolerance() {
		return verdictViolation, ""
	}
	if s.pace.named.IsZero() || s.pace.judged == 0 {
		return verdictUnknowable, "no answer had named the session's IP"
	}
	return verdictUnknowable, "no answer had told of the longer delay"
}

// known is the earliest start by all that the sender of a request in s could
// know at t.
func (st *store) known(s *session, t time.Time) time.Time {
	known := later(s.pace.own, s.pace.heardBy(t.Add(-st.clock.service(crossingWait))))
	grace := st.clock.service(crossing)
	if s.pace.judged > 0 {
		grace = 0
	}
	if !s.pace.namedBy(t.Add(-grace)) {
		return known
	}
	known = later(known, s.node.past)
	for other := range s.node.sessions {
		if other.pace.namedBy(t.Add(-grace)) {
			known = later(known, other.pace.own)
			known = later(known, other.pace.heardBy(t.Add(-st.clock.service(crossingWait))))
		}
	}
	return known
}

func (p *pace) namedBy(t time.Time) bool { return !p.named.IsZero() && !p.named.After(t) }

// heardBy is what X-Crawlera-Next-Request-In told until t.
func (p *pace) heardBy(t time.Time) time.Time {
	if p.toldAt.After(t) {
		return time.Time{}
	}
	return p.told
}

// forget drops a session that ended, but not that its requests were made.
func (n *node) forget(s *session) {
	delete(n.sessions, s)
	if !s.pace.named.IsZero() {
		n.past = later(n.past, s.pace.own)
	}
}

// answer notes that an answer in s names its IP, and returns the wait that it
// has to tell, 0 below the soft limit.
func (st *store) answer(s *session, namesIP bool) time.Duration {
	st.mu.Lock()
	defer st.mu.Unlock()
	now := st.clock.now()
	if namesIP {
		s.pace.name(now)
	}
	wait := s.node.next.Sub(now)
	if st.cfg.SoftLimit == 0 || wait < st.cfg.SoftLimit {
		return 0
	}
	s.pace.told, s.pace.toldAt = s.node.next, now
	return wait
}

func (st *store) tolerance() time.Duration { return st.clock.service(st.cfg.Tolerance) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
