package ledger

import (
	"cmp"
	"slices"
	"time"
)

// This file is arithmetic: no clock, no files, no locks.

const (
	minSlack   = 25 * time.Millisecond
	maxFlights = 64    // requests without a delay can be many at once
	maxQueue   = 10000 // five thousand sessions on one IP, twice
)

// owner is a process that holds a ledger open; store.alive tells if it lives.
type owner uint64

// place is a reservation that has not started.
type place struct {
	Num   instant // when it was taken, made unique: the order of the queue
	Owner owner
	Delay time.Duration
}

// flight is a request that was sent and not answered.
type flight struct {
	place
	Sent instant
}

// slot is what is known of one outgoing IP. All that ended requests leave
// behind is two numbers, since the next one's start is bounded by
//
//	max over them of point + max(delay, next delay)
//	  = max(Free, Last + next delay)
//
// with point as in pacePoint.
type slot struct {
	Alias   string  // the key that this one turned out to be
	Last    instant // latest pace point
	Free    instant // latest pace point + delay, or postponement
	LastNum instant
	Queue   []place  // by Num
	Flights []flight // by Sent
}

func newSlot() slot { return slot{Last: never, Free: never, LastNum: never} }

// slack is A: how long after its sending the service may have seen a request.
func slack(delay time.Duration) time.Duration { return max(minSlack, delay/100) }

// pacePoint is the instant from which the next request's gap is counted. An
// answer later than the delay was held up by the service, which may have
// counted the request only at its end.
func pacePoint(sent, answered instant, delay time.Duration) instant {
	if answered.sub(sent) > delay {
		return answered
	}
	return min(answered, sent.add(slack(delay)))
}

// note records a request that has ended.
func (s *slot) note(sent, answered instant, delay time.Duration) {
	p := pacePoint(sent, answered, delay)
	s.Last = max(s.Last, p)
	s.Free = max(s.Free, p.add(delay))
}

// postpone lets nothing start before t.
func (s *slot) postpone(t instant) { s.Free = max(s.Free, t) }

// bound is the earliest start of a request with this delay, places apart.
func (s *slot) bound(now instant, delay time.Duration) instant {
	t := max(s.Free, s.Last.add(delay))
	for _, f := range s.Flights {
		t = max(t, f.clears(now, delay))
	}
	return t
}

// clears is the earliest start after f of a request with this delay. The answer
// may have come at once, or may come before the slack is over; from then on it
// may come any moment, and nothing starts before.
func (f flight) clears(now instant, delay time.Duration) instant {
	gap := max(f.Delay, delay)
	limit := f.patience(gap)
	switch waited := now.sub(f.Sent); {
	case waited < gap:
		return f.Sent.add(gap)
	case waited < limit:
		return f.Sent.add(limit)
	}
	return now.add(gap)
}

// patience is how long after f's sending its silence begins to hold the queue.
func (f flight) patience(gap time.Duration) time.Duration { return gap + min(gap, slack(gap)) }

// overdue are the flights that hold up a request with this delay by their silence.
func (s *slot) overdue(now instant, delay time.Duration) []flight {
	var late []flight
	for _, f := range s.Flights {
		if gap := max(f.Delay, delay); gap > 0 && now.sub(f.Sent) >= f.patience(gap) {
			late = append(late, f)
		}
	}
	return late
}

// slotOf is the earliest start of a place in the queue as things stand; it is
// never later than the real one will be.
func (s *slot) slotOf(now instant, p place) instant {
	t, before := never, time.Duration(0)
	for _, q := range s.Queue {
		t = max(t.moved(max(before, q.Delay)), s.bound(now, q.Delay), q.Num)
		if q.same(p) {
			return t
		}
		before = q.Delay
	}
	return max(t.moved(max(before, p.Delay)), s.bound(now, p.Delay), p.Num)
}

// ready is the earliest start of a request that would queue now without a delay.
func (s *slot) ready(now instant) instant {
	if len(s.Queue) == 0 {
		return s.bound(now, 0)
	}
	last := s.Queue[len(s.Queue)-1]
	return s.slotOf(now, last).add(last.Delay)
}

func (p place) same(q place) bool { return p.Num == q.Num && p.Owner == q.Owner }

// take appends a place.
func (s *slot) take(now instant, o owner, delay time.Duration) place {
	p := place{Num: s.number(now), Owner: o, Delay: delay}
	s.join(p)
	return p
}

// number gives out a place's number.
func (s *slot) number(now instant) instant {
	s.LastNum = max(now, s.LastNum+1)
	return s.LastNum
}

// join puts a place where its number belongs, unless it is there. That is how
// one that was overtaken, merged or lost keeps its turn.
func (s *slot) join(p place) (joined bool) {
	i, _ := slices.BinarySearchFunc(s.Queue, p.Num, func(q place, n instant) int {
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

// leave gives a place back; those behind move up.
func (s *slot) leave(p place) (left bool) {
	n := len(s.Queue)
	s.Queue = slices.DeleteFunc(s.Queue, p.same)
	return len(s.Queue) < n
}

// start turns a place into a flight. Those before it have missed their turn:
// they are dropped, and join again when they wake.
func (s *slot) start(now instant, p place) {
	s.Queue = slices.DeleteFunc(s.Queue, func(q place) bool { return q.Num <= p.Num })
	s.launch(now, p)
}

// launch adds a flight without regard to the queue.
func (s *slot) launch(now instant, p place) {
	if len(s.Flights) == maxFlights {
		s.lose(s.Flights[0])
	}
	s.Flights = append(s.Flights, flight{place: p, Sent: now})
}

// land ends a flight that was answered. It may have left later than its start said.
func (s *slot) land(p place, sent, answered instant) (landed bool) {
	for i, f := range s.Flights {
		if f.same(p) {
			s.note(max(f.Sent, sent), answered, f.Delay)
			s.Flights = slices.Delete(s.Flights, i, i+1)
			return true
		}
	}
	return false
}

// lose ends a flight whose answer nobody will see.
func (s *slot) lose(f flight) {
	seen := f.Sent
	if f.Delay > 0 {
		seen = f.Sent.add(slack(f.Delay))
	}
	s.land(f.place, f.Sent, seen)
}

// merge takes over all that is known of other. No place starts earlier for it.
func (s *slot) merge(other slot) {
	s.Last = max(s.Last, other.Last)
	s.Free = max(s.Free, other.Free)
	s.LastNum = max(s.LastNum, other.LastNum)
	for _, p := range other.Queue {
		s.join(p)
	}
	for _, f := range other.Flights { // those of a merge that was killed half-way are here
		if !slices.ContainsFunc(s.Flights, func(g flight) bool { return g.same(f.place) }) {
			s.Flights = append(s.Flights, f)
		}
	}
	slices.SortStableFunc(s.Flights, func(a, b flight) int {
		return cmp.Compare(a.Sent, b.Sent)
	})
	for len(s.Flights) > maxFlights {
		s.lose(s.Flights[0])
	}
}

// shift moves all instants, see clock.shift. Nobody who waited is left.
func (s *slot) shift(d time.Duration) {
	for len(s.Flights) > 0 {
		s.lose(s.Flights[0])
	}
	s.Queue = nil
	s.Last, s.Free, s.LastNum = s.Last.moved(d), s.Free.moved(d), never
}

// idle tells if nothing of the record matters any more at t.
func (s *slot) idle(t instant) bool {
	return len(s.Queue) == 0 && len(s.Flights) == 0 && max(s.Last, s.Free) < t
}
