package ledger

import (
	"cmp"
	"slices"
	"time"
)

// This file is pure arithmetic: no clock, no files, no locks.

const (
	minSlack    = 25 * time.Millisecond
	maxInFlight = 64    // requests without a delay can be many at once
	maxQueue    = 10000 // five thousand sessions on one IP, twice
)

// reservation is a request that waits for its slot.
type reservation struct {
	Num   instant // when it was taken, made unique: the queue is in this order
	Owner owner
	Delay time.Duration
}

// inFlight is a request that was sent and is not answered.
type inFlight struct {
	reservation
	Sent instant
}

// ipRecord is what is known of one outgoing IP. Of the requests that have ended two
// numbers are enough, since the earliest start of the next request is
//
//	max over all ended ones of pacePoint + max(delay, next delay)
//	  = max(Free, Last + next delay)
//
// A lease of requests without a delay makes its end the Last.
type ipRecord struct {
	Alias    string  // the key that this one turned out to be
	Last     instant // latest pace point
	Free     instant // latest pace point + delay, or postponement
	LastNum  instant
	Queue    []reservation // by Num
	InFlight []inFlight    // by Sent
}

func newIPRecord() ipRecord { return ipRecord{Last: never, Free: never, LastNum: never} }

// slack bounds how long after a request's sending the service may see it (A in the
// package doc).
func slack(delay time.Duration) time.Duration { return max(minSlack, delay/100) }

// pacePoint is the instant from which the gap to the next request is counted.
// Where the answer took longer than the delay, the service held the request, and
// may have counted it at its end.
func pacePoint(sent, answered instant, delay time.Duration) instant {
	if answered.sub(sent) > delay {
		return answered
	}
	return min(answered, sent.add(slack(delay)))
}

// note counts a request that has ended.
func (s *ipRecord) note(sent, answered instant, delay time.Duration) {
	p := pacePoint(sent, answered, delay)
	s.Last = max(s.Last, p)
	s.Free = max(s.Free, p.add(delay))
}

// postpone lets nothing start before t.
func (s *ipRecord) postpone(t instant) { s.Free = max(s.Free, t) }

// bound is the earliest start of a request with this delay if nobody queued. Under a
// lease Last lies in the future. A lease keeps away only requests with a delay, so a
// request without one ignores Last.
func (s *ipRecord) bound(now instant, delay time.Duration) instant {
	t := s.Free
	if delay > 0 {
		t = max(t, s.Last.addUnlessNever(delay))
	}
	for _, f := range s.InFlight {
		t = max(t, f.clears(now, delay))
	}
	return t
}

// clears is the earliest start, after f, of a request with this delay. Until the
// gap after f's sending is over, f counts as answered at once. For a slack more,
// f counts as answered at the slack's end. After that the service is holding f:
// the answer may come at any moment, and the gap begins with the answer.
func (f inFlight) clears(now instant, delay time.Duration) instant {
	gap := max(f.Delay, delay)
	limit := f.grace(gap)
	switch waited := now.sub(f.Sent); {
	case waited < gap:
		return f.Sent.add(gap)
	case waited < limit:
		return f.Sent.add(limit)
	}
	return now.add(gap)
}

// grace is how long f may stay unanswered before it stops the queue.
func (f inFlight) grace(gap time.Duration) time.Duration { return gap + min(gap, slack(gap)) }

// overdue are the unanswered requests that stop a request with this delay.
func (s *ipRecord) overdue(now instant, delay time.Duration) []inFlight {
	var late []inFlight
	for _, f := range s.InFlight {
		if gap := max(f.Delay, delay); gap > 0 && now.sub(f.Sent) >= f.grace(gap) {
			late = append(late, f)
		}
	}
	return late
}

// slotOf is the earliest start of p, queued or not, as far as known now. It moves later
// with postponements and slow answers. It moves earlier only when a request before it
// gives up, misses its turn, or belongs to a process that died.
func (s *ipRecord) slotOf(now instant, p reservation) instant {
	t, before := never, time.Duration(0)
	for _, q := range s.Queue {
		t = max(t.addUnlessNever(max(before, q.Delay)), s.bound(now, q.Delay), q.Num) // q.Num: never before it was taken
		if q.same(p) {
			return t
		}
		before = q.Delay
	}
	return max(t.addUnlessNever(max(before, p.Delay)), s.bound(now, p.Delay), p.Num)
}

// ready is the earliest start of a request without a delay that queues now.
func (s *ipRecord) ready(now instant) instant {
	if len(s.Queue) == 0 {
		return s.bound(now, 0)
	}
	last := s.Queue[len(s.Queue)-1]
	return s.slotOf(now, last).add(last.Delay)
}

func (p reservation) same(q reservation) bool { return p.Num == q.Num && p.Owner == q.Owner }

// take queues a new reservation.
func (s *ipRecord) take(now instant, o owner, delay time.Duration) reservation {
	p := reservation{Num: s.number(now), Owner: o, Delay: delay}
	s.join(p)
	return p
}

// number gives out a number larger than all before.
func (s *ipRecord) number(now instant) instant {
	s.LastNum = max(now, s.LastNum+1)
	return s.LastNum
}

// join puts p where its number belongs, unless it is there: a reservation that was
// overtaken, or whose record was lost, keeps its turn.
func (s *ipRecord) join(p reservation) (joined bool) {
	i, _ := slices.BinarySearchFunc(s.Queue, p.Num, func(q reservation, n instant) int {
		return cmp.Compare(q.Num, n)
	})
	for ; i < len(s.Queue) && s.Queue[i].Num == p.Num; i++ {
		if s.Queue[i].same(p) {
			return false
		}
	}
	s.Queue = slices.Insert(s.Queue, i, p)
	return true
}

// giveUp takes p out of the queue; those behind it move up.
func (s *ipRecord) giveUp(p reservation) (found bool) {
	n := len(s.Queue)
	s.Queue = slices.DeleteFunc(s.Queue, p.same)
	return len(s.Queue) < n
}

// start sends p. Those before it have missed their turn: they are dropped, and
// join again when their processes wake.
func (s *ipRecord) start(now instant, p reservation) {
	s.Queue = slices.DeleteFunc(s.Queue, func(q reservation) bool { return q.Num <= p.Num })
	s.send(now, p)
}

// send puts p in flight, whatever the queue.
func (s *ipRecord) send(now instant, p reservation) {
	if len(s.InFlight) == maxInFlight {
		s.abandon(s.InFlight[0])
	}
	s.InFlight = append(s.InFlight, inFlight{reservation: p, Sent: now})
}

// flies reports whether p is in flight.
func (s *ipRecord) flies(p reservation) bool {
	return slices.ContainsFunc(s.InFlight, func(f inFlight) bool { return f.same(p) })
}

// complete ends a request in flight with its answer. sent is when it left, which may
// be later than its start.
func (s *ipRecord) complete(p reservation, sent, answered instant) (found bool) {
	for i, f := range s.InFlight {
		if f.same(p) {
			s.note(max(f.Sent, sent), answered, f.Delay)
			s.InFlight = slices.Delete(s.InFlight, i, i+1)
			return true
		}
	}
	return false
}

// abandon ends a request in flight whose answer nobody will see.
func (s *ipRecord) abandon(f inFlight) {
	seen := f.Sent
	if f.Delay > 0 {
		seen = f.Sent.add(slack(f.Delay))
	}
	s.complete(f.reservation, f.Sent, seen)
}

// merge adds all that is known of other. No request starts earlier for it.
func (s *ipRecord) merge(other ipRecord) {
	s.Last = max(s.Last, other.Last)
	s.Free = max(s.Free, other.Free)
	s.LastNum = max(s.LastNum, other.LastNum)
	for _, p := range other.Queue {
		s.join(p)
	}
	for _, f := range other.InFlight { // a merge that was killed half-way left some here
		if !slices.ContainsFunc(s.InFlight, func(g inFlight) bool { return g.same(f.reservation) }) {
			s.InFlight = append(s.InFlight, f)
		}
	}
	slices.SortStableFunc(s.InFlight, func(a, b inFlight) int {
		return cmp.Compare(a.Sent, b.Sent)
	})
	for len(s.InFlight) > maxInFlight {
		s.abandon(s.InFlight[0])
	}
}

// shift moves all instants, see clock.shift. Nobody who waited then is left.
func (s *ipRecord) shift(d time.Duration) {
	for len(s.InFlight) > 0 {
		s.abandon(s.InFlight[0])
	}
	s.Queue = nil
	s.Last, s.Free, s.LastNum = s.Last.addUnlessNever(d), s.Free.addUnlessNever(d), never
}

// idle reports whether nothing in the record matters from t on.
func (s *ipRecord) idle(t instant) bool {
	return len(s.Queue) == 0 && len(s.InFlight) == 0 && max(s.Last, s.Free) < t
}
