package mock

import "time"

// node is one outgoing IP: its queue of requests, and its raised delay.
type node struct {
	ip   string
	addr string // with the port

	queue   []*reservation // by slot: the last that started, younger ones of other sessions, and the held ones
	surplus time.Duration  // how much early requests have raised the delay

	sessions   map[*session]struct{}
	jar        jar
	held       int
	requests   int64
	violations int64
}

// reservation is one request in the queue of its outgoing IP.
type reservation struct {
	session    *session
	arrived    time.Time
	sent       time.Time     // when its sender began with it: before arrived by the tunnel and handshake of a first request
	knownEarly time.Duration // by how much its sender knew it was too soon, 0 within the tolerance
	slot       time.Time     // when it may start; earlier once a request before it has left
	surplus    time.Duration // the part of the raised delay that its slot includes
	growth     time.Duration // what it added to the raised delay; negative where it lowered the delay
	owes       bool          // an earlier early request of its session is not made good
	started    bool
	moved      chan struct{} // closed when slot moves; nil while nobody waits for that
}

// claimed is a request's reservation and judgement.
type claimed struct {
	*reservation
	judgement
	refused bool          // beyond the hard limit; then it is not in the queue
	wait    time.Duration // from its arrival to its slot, 0 within the tolerance
}

// claim judges a request of session s that arrived at t, and takes the next slot of
// the session's IP for it. setup is how long the tunnel of the request took before
// t. It excuses half a delay at most: however long a tunnel took, the next request must
// not come at once.
func (st *store) claim(s *session, t time.Time, setup time.Duration) claimed {
	st.mu.Lock()
	defer st.mu.Unlock()
	n := s.node
	n.requests++
	c := claimed{reservation: &reservation{session: s, arrived: t, sent: t.Add(-min(setup, st.cfg.Delay/2)), slot: t}}
	// Without a delay there are no slots: requests that came at once may be
	// looked at in another order.
	if st.cfg.Delay == 0 {
		return c
	}
	n.prune(t, st.cfg.Delay)
	c.judgement = st.judge(s, t)
	s.pace.judged++
	c.knownEarly = c.known
	c.owes = s.pace.count(c.known > 0)
	st.place(n, c.reservation, c.early > 0)
	c.wait = c.slot.Sub(t)
	if c.refused = st.cfg.HardLimit > 0 && c.wait >= st.cfg.HardLimit; c.refused {
		return c
	}
	n.surplus += c.growth
	n.queue = append(n.queue, c.reservation)
	c.started = c.wait == 0
	return c
}

// place finds the slot of a new request. An early one raises the delay for the
// requests behind it, any other lowers the delay from itself on.
func (st *store) place(n *node, rv *reservation, early bool) {
	if early {
		rv.growth = st.capped(n.surplus+st.cfg.Growth) - n.surplus
		rv.surplus = n.surplus
	} else {
		rv.growth = -min(st.cfg.Growth, n.surplus)
		rv.surplus = n.surplus + rv.growth
	}
	st.schedule(n.last(), rv)
}

// schedule sets the slot of rv behind the request before it, nil for none.
func (st *store) schedule(before, rv *reservation) {
	rv.slot = rv.arrived
	if before == nil {
		return
	}
	slot := before.slot.Add(st.cfg.Delay + rv.surplus)
	if limit := rv.arrived.Add(st.cfg.MaxDelay); st.cfg.MaxDelay > 0 && slot.After(limit) {
		slot = limit
	}
	if slot.Sub(rv.arrived) > st.tolerance() {
		rv.slot = slot
	}
}

// last is the request at the end of the queue, nil before the first.
func (n *node) last() *reservation { return lastOf(n.queue) }

// next is the slot of a further early request, zero before the first request.
func (n *node) next(delay time.Duration) time.Time {
	if rv := n.last(); rv != nil {
		return rv.slot.Add(delay + n.surplus)
	}
	return time.Time{}
}

// prune drops the requests that started so long before t that nothing counts
// from them, but for the last: the next slot counts from that one.
func (n *node) prune(t time.Time, delay time.Duration) {
	kept := n.queue[:0]
	for i, rv := range n.queue {
		next := i + 1
		lastStarted := next == len(n.queue) || !n.queue[next].started
		if !rv.started || lastStarted || rv.slot.Add(delay).After(t) {
			kept = append(kept, rv)
		}
	}
	clear(n.queue[len(kept):])
	n.queue = kept
}

// capped keeps the raised delay below the longest that the service documents.
func (st *store) capped(surplus time.Duration) time.Duration {
	limit := max(st.cfg.MaxDelay, st.cfg.HardLimit)
	if limit == 0 {
		return surplus
	}
	return min(surplus, max(limit-st.cfg.Delay, 0))
}

// slotOf returns the slot of a held request, and a channel that is closed when
// the slot moves.
func (st *store) slotOf(rv *reservation) (time.Time, <-chan struct{}) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if rv.moved == nil {
		rv.moved = make(chan struct{})
	}
	return rv.slot, rv.moved
}

// start notes that a held request goes on to its target.
func (st *store) start(rv *reservation) {
	st.mu.Lock()
	defer st.mu.Unlock()
	rv.started = true
}

// leave takes a held request out of the queue, with what it added to the delay,
// and moves the requests behind it forward.
func (st *store) leave(rv *reservation) {
	st.mu.Lock()
	defer st.mu.Unlock()
	n := rv.session.node
	var kept []*reservation
	left := false
	for _, other := range n.queue {
		switch {
		case other == rv:
			left = true
			continue
		case left && !other.started:
			other.surplus = max(other.surplus-rv.growth, 0)
			st.reschedule(lastOf(kept), other)
		}
		kept = append(kept, other)
	}
	if left {
		n.surplus = max(n.surplus-rv.growth, 0)
		rv.session.pace.uncount(rv.knownEarly > 0)
	}
	n.queue = kept
}

func lastOf(queue []*reservation) *reservation {
	if len(queue) == 0 {
		return nil
	}
	return queue[len(queue)-1]
}

func (st *store) reschedule(before, rv *reservation) {
	st.schedule(before, rv)
	rv.wake()
}

// wake tells whoever waits for the slot that it has moved.
func (rv *reservation) wake() {
	if rv.moved != nil {
		close(rv.moved)
		rv.moved = nil
	}
}

// release lets all held requests go on at once.
func (n *node) release() {
	for _, rv := range n.queue {
		rv.slot = rv.arrived
		rv.wake()
	}
}

// answer records whether an answer in s named its IP, and returns the wait to announce,
// if any.
func (st *store) answer(s *session, namesIP bool) (wait time.Duration, announce bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	now := st.clock.now()
	if namesIP {
		s.pace.name(now)
	}
	next := s.node.next(st.cfg.Delay)
	wait = max(next.Sub(now), 0)
	if st.cfg.SoftLimit == 0 || next.IsZero() || max(wait, st.cfg.Delay+s.node.surplus) < st.cfg.SoftLimit {
		return 0, false
	}
	s.pace.told, s.pace.toldAt = next, now
	return wait, true
}
