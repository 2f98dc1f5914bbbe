package ledger

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

const second = instant(time.Second)

func TestPacePoint(t *testing.T) {
	t.Parallel()
	const delay = 12 * time.Second // A = 120 ms
	for name, c := range map[string]struct {
		answered instant
		delay    time.Duration
		want     instant
	}{
		"at once":              {0, delay, 0},
		"within A":             {instant(100 * time.Millisecond), delay, instant(100 * time.Millisecond)},
		"after A":              {3 * second, delay, instant(120 * time.Millisecond)},
		"just within delay":    {12 * second, delay, instant(120 * time.Millisecond)},
		"held by the service":  {13 * second, delay, 13 * second},
		"A is at least 25 ms":  {second / 10, time.Second, instant(25 * time.Millisecond)},
		"delay smaller than A": {second / 50, 20 * time.Millisecond, second / 50},
		"no delay":             {second, 0, second},
	} {
		if got := pacePoint(0, c.answered, c.delay); got != c.want {
			t.Errorf("%s: pacePoint(0, %v, %v) = %v, want %v", name, c.answered, c.delay, got, c.want)
		}
	}
}

func TestGapIsTheLargerDelay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ first, second, want time.Duration }{
		{5 * time.Second, 9 * time.Second, 9 * time.Second},
		{9 * time.Second, 5 * time.Second, 9 * time.Second},
		{0, 5 * time.Second, 5 * time.Second},
		{5 * time.Second, 0, 5 * time.Second},
		{0, 0, 0},
	} {
		answered, flying, queued := newIPRecord(), newIPRecord(), newIPRecord()
		answered.note(100, 100, c.first)
		flying.send(100, reservation{Num: 100, Delay: c.first})
		queued.take(100, 1, c.first)
		for name, s := range map[string]ipRecord{"answered": answered, "in flight": flying, "queued": queued} {
			next := s.take(100, 2, c.second)
			next.Num = never // the reservation's number may be one later than the gap
			s.Queue[len(s.Queue)-1].Num = never
			if got := s.slotOf(100, next).sub(100); got != c.want {
				t.Errorf("%v then %v, first %s: gap %v, want %v", c.first, c.second, name, got, c.want)
			}
		}
	}
}

func TestSilenceHoldsTheQueue(t *testing.T) {
	t.Parallel()
	const delay = 10 * time.Second
	s := newIPRecord()
	s.send(0, reservation{Num: 0, Owner: 1, Delay: delay})
	p := s.take(second, 2, delay)
	for _, c := range []struct{ now, want instant }{
		{second, 10 * second},
		{10*second - 1, 10 * second},
		{10 * second, 10*second + second/10},
		{10*second + second/10, 20*second + second/10},
		{95 * second, 105 * second},
	} {
		if got := s.slotOf(c.now, p); got != c.want {
			t.Errorf("at %v: slot %v, want %v", c.now, got, c.want)
		}
	}
	s.complete(reservation{Num: 0, Owner: 1}, 0, 95*second)
	if got := s.slotOf(96*second, p); got != 105*second {
		t.Errorf("answered at 95 s: slot %v, want 105 s", got)
	}
}

func TestLostFlightCountsFromSlack(t *testing.T) {
	t.Parallel()
	s := newIPRecord()
	s.send(0, reservation{Delay: 10 * time.Second})
	s.abandon(s.InFlight[0])
	if want := instant(10*time.Second + 100*time.Millisecond); s.bound(60*second, 0) != want {
		t.Errorf("bound %v, want %v", s.bound(60*second, 0), want)
	}
}

func TestOvertakenGoesNext(t *testing.T) {
	t.Parallel()
	const delay = 10 * time.Second
	s := newIPRecord()
	var p [4]reservation
	for i := range p {
		p[i] = s.take(0, owner(i+1), delay)
	}
	s.start(10*second+1, p[1]) // p[0] is late by a turn
	if s.slotOf(11*second, p[2]) != 20*second+1 {
		t.Errorf("slot of the next: %v", s.slotOf(11*second, p[2]))
	}
	if !s.join(p[0]) || s.join(p[0]) {
		t.Error("join does not say whether the reservation was there")
	}
	for i, want := range map[int]instant{0: 20*second + 1, 2: 30*second + 1, 3: 40*second + 1} {
		if got := s.slotOf(12*second, p[i]); got != want {
			t.Errorf("slot of reservation %d: %v, want %v", i, got, want)
		}
	}
}

func TestFlightsAreBounded(t *testing.T) {
	t.Parallel()
	s := newIPRecord()
	for i := range instant(10 * maxInFlight) {
		s.send(i, reservation{Num: i, Delay: time.Second})
	}
	if len(s.InFlight) != maxInFlight {
		t.Errorf("%d in flight", len(s.InFlight))
	}
	if want := instant(9*maxInFlight - 1).add(minSlack); s.Last != want {
		t.Errorf("the oldest ones count as %v, want %v", s.Last, want)
	}
}

// startedRequest is one request as an observer sees it.
type startedRequest struct {
	reservation
	sent, answered instant
}

// world runs a slot as processes do, on a clock of its own.
type world struct {
	ipRecord
	now     instant
	waiting []reservation
	flying  []startedRequest
	done    []startedRequest
}

func drawDelay(t *rapid.T) time.Duration {
	return time.Duration(rapid.SampledFrom([]int{0, 10, 50, 200, 12000}).Draw(t, "delay ms")) * time.Millisecond
}

func (w *world) take(t *rapid.T) {
	if w.now == 0 {
		w.now = 1
	}
	w.waiting = append(w.waiting, w.ipRecord.take(w.now, 1, drawDelay(t)))
}

func (w *world) pass(t *rapid.T) {
	w.now += instant(rapid.Int64Range(0, int64(15*time.Second)).Draw(t, "pass"))
}

// wake lets the reservation with the earliest slot start, exactly then.
func (w *world) wake(t *rapid.T) {
	if len(w.waiting) == 0 {
		t.Skip("nobody waits")
	}
	i := rapid.IntRange(0, len(w.waiting)-1).Draw(t, "who")
	p := w.waiting[i]
	w.ipRecord.join(p)
	at := w.slotOf(w.now, p)
	if len(w.overdue(at, p.Delay)) > 0 && at > w.now {
		t.Skip("held up")
	}
	w.now = max(w.now, at)
	if w.slotOf(w.now, p) > w.now {
		t.Skip("held up since")
	}
	w.start(w.now, p)
	w.waiting = append(w.waiting[:i:i], w.waiting[i+1:]...)
	w.flying = append(w.flying, startedRequest{reservation: p, sent: w.now})
}

func (w *world) answer(t *rapid.T) {
	if len(w.flying) == 0 {
		t.Skip("nothing flies")
	}
	w.pass(t)
	r := w.flying[0]
	w.flying = w.flying[1:]
	r.answered = w.now
	w.complete(r.reservation, 0, w.now)
	w.done = append(w.done, r)
}

func (w *world) hold(t *rapid.T) {
	w.postpone(w.now.add(time.Duration(rapid.IntRange(0, 100).Draw(t, "postpone s")) * time.Second))
}

// check is the contract, seen from outside.
func (w *world) check(t *rapid.T) {
	for _, a := range w.done {
		for _, b := range append(w.flying, w.done...) {
			if a.same(b.reservation) || b.sent < a.sent {
				continue
			}
			gap := max(a.Delay, b.Delay)
			if gap == 0 {
				continue // both may go at once, in either order
			}
			from := min(a.answered, a.sent.add(slack(a.Delay)))
			if b.sent.sub(from) < gap {
				t.Fatalf("started %v after %v: gap %v", b.sent.sub(from), a, gap)
			}
			if a.answered.sub(a.sent) > gap && b.sent.sub(a.answered) < gap {
				t.Fatalf("%v started though %v waited for its answer", b, a)
			}
		}
	}
}

func TestNoRequestComesTooEarly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := &world{ipRecord: newIPRecord(), now: 1}
		t.Repeat(map[string]func(*rapid.T){
			"take": w.take, "pass": w.pass, "wake": w.wake, "answer": w.answer, "postpone": w.hold, "": w.check,
		})
	})
}

func TestOrderIsThatOfTaking(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := &world{ipRecord: newIPRecord(), now: 1}
		for range rapid.IntRange(2, 30).Draw(t, "n") {
			w.take(t)
		}
		for i := 1; i < len(w.waiting); i++ {
			a, b := w.waiting[i-1], w.waiting[i]
			if gap := w.slotOf(w.now, b).sub(w.slotOf(w.now, a)); gap < max(a.Delay, b.Delay) {
				t.Fatalf("reservations %d and %d are %v apart", i-1, i, gap)
			}
		}
	})
}

// busy draws a slot in the middle of its work.
func busy(t *rapid.T, o owner) *world {
	w := &world{ipRecord: newIPRecord(), now: 1}
	acts := []func(*rapid.T){w.pass, w.hold}
	for range rapid.IntRange(0, 8).Draw(t, "reservations") {
		p := w.ipRecord.take(w.now, o, drawDelay(t))
		w.waiting = append(w.waiting, p)
		rapid.SampledFrom(acts).Draw(t, "act")(t)
		if at := w.slotOf(w.now, p); at <= w.now && rapid.Bool().Draw(t, "start") {
			w.start(w.now, p)
		}
	}
	return w
}

func TestMergeMovesNothingEarlier(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := busy(t, 1), busy(t, 2)
		now := max(a.now, b.now)
		before := map[reservation]instant{}
		for _, w := range []*world{a, b} {
			for _, p := range w.Queue {
				before[p] = w.slotOf(now, p)
			}
		}
		free := max(a.ready(now), b.ready(now))
		a.merge(b.ipRecord)
		for p, was := range before {
			if is := a.slotOf(now, p); is < was {
				t.Fatalf("%v moved from %v to %v", p, was, is)
			}
		}
		if a.ready(now) < free {
			t.Fatalf("the next one was to start at %v, now at %v", free, a.ready(now))
		}
	})
}

func TestPostponementMovesTheWholeQueue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := busy(t, 1)
		until := w.now.add(time.Hour)
		w.postpone(until)
		var before reservation
		for i, p := range w.Queue {
			want := until
			if i > 0 {
				want = w.slotOf(w.now, before).add(max(before.Delay, p.Delay))
			}
			if got := w.slotOf(w.now, p); got != max(want, p.Num) {
				t.Fatalf("reservation %d: %v, want %v", i, got, want)
			}
			before = p
		}
	})
}

func TestLeavingMovesTheOthersUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := busy(t, 1)
		if len(w.Queue) == 0 {
			return
		}
		gone := rapid.SampledFrom(w.Queue).Draw(t, "gone")
		left := ipRecord{Last: w.Last, Free: w.Free, InFlight: w.InFlight}
		for _, p := range w.Queue {
			if !p.same(gone) {
				left.Queue = append(left.Queue, p)
			}
		}
		if !w.giveUp(gone) || w.giveUp(gone) {
			t.Fatal("giveUp does not say whether the reservation was there")
		}
		for _, p := range left.Queue {
			if w.slotOf(w.now, p) != left.slotOf(w.now, p) {
				t.Fatalf("a trace of %v is left", gone)
			}
		}
	})
}

func TestJoinIsIdempotent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := busy(t, 1)
		n := len(w.Queue)
		for _, p := range append([]reservation(nil), w.Queue...) {
			if w.join(p) || len(w.Queue) != n {
				t.Fatalf("%v joined twice", p)
			}
		}
	})
}

func TestMergingTwiceIsMergingOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := busy(t, 1), busy(t, 2)
		a.merge(b.ipRecord)
		inFlight, queue, last, free := len(a.InFlight), len(a.Queue), a.Last, a.Free
		a.merge(b.ipRecord)
		if len(a.InFlight) != inFlight || len(a.Queue) != queue || a.Last != last || a.Free != free {
			t.Fatal("the second merge changed something")
		}
	})
}

// What ends late, or with a short delay, takes back nothing of what is known.
func TestNoEndMovesASlotEarlier(t *testing.T) {
	t.Parallel()
	const long, short = 12 * time.Second, time.Second
	for name, end := range map[string]func(s *ipRecord){
		"an earlier request":        func(s *ipRecord) { s.note(10*second, 10*second, long) },
		"an earlier, slow one":      func(s *ipRecord) { s.note(10*second, 40*second, long) },
		"one with a short delay":    func(s *ipRecord) { s.note(101*second, 101*second, short) },
		"one without a delay":       func(s *ipRecord) { s.note(101*second, 101*second, 0) },
		"an abandoned one":          func(s *ipRecord) { s.send(10*second, reservation{Delay: short}); s.abandon(s.InFlight[0]) },
		"a postponement that is in": func(s *ipRecord) { s.postpone(90 * second) },
	} {
		for _, delay := range []time.Duration{long, short} {
			s := newIPRecord()
			s.note(100*second, 100*second, delay)
			before := [...]instant{s.bound(100*second, 0), s.bound(100*second, long)}
			end(&s)
			after := [...]instant{s.bound(100*second, 0), s.bound(100*second, long)}
			if after[0] < before[0] || after[1] < before[1] {
				t.Errorf("%s moved the slot from %v to %v", name, before, after)
			}
			s.postpone(1000 * second)
			end(&s)
			if got := s.bound(100*second, 0); got != 1000*second {
				t.Errorf("%s made of a postponement to 1000 s one to %v", name, got)
			}
		}
	}
}

// The gap is counted from when the request left, if that was after its start.
func TestALateSendingCounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ sent, want instant }{
		{0, 12*second + second*12/100}, {5 * second, 17*second + second*12/100}, {-5 * second, 12*second + second*12/100},
	} {
		s := newIPRecord()
		r := reservation{Num: 1, Owner: 1, Delay: 12 * time.Second}
		s.send(0, r)
		if !s.complete(r, c.sent, 6*second) || s.Free != c.want {
			t.Errorf("sent at %v: free at %v, want %v", c.sent, s.Free, c.want)
		}
	}
}

// A record is removed only when nothing in it matters any more.
func TestASlotIsIdleWhenNothingMatters(t *testing.T) {
	t.Parallel()
	const now = 100 * second
	for name, c := range map[string]struct {
		fill func(s *ipRecord)
		want bool
	}{
		"new":                        {func(*ipRecord) {}, true},
		"used long ago":              {func(s *ipRecord) { s.note(now-20*second, now-20*second, time.Second) }, true},
		"used until a moment ago":    {func(s *ipRecord) { s.Last, s.Free = now-1, now-1 }, true},
		"used until now":             {func(s *ipRecord) { s.Last, s.Free = never, now }, false},
		"used now, without a delay":  {func(s *ipRecord) { s.Last, s.Free = now, never }, false},
		"to rest":                    {func(s *ipRecord) { s.postpone(now + second) }, false},
		"somebody waits":             {func(s *ipRecord) { s.take(0, 1, 0) }, false},
		"somebody is not answered":   {func(s *ipRecord) { s.send(0, reservation{Num: 1}) }, false},
		"one waits, one is answered": {func(s *ipRecord) { s.note(0, 0, 0); s.take(0, 1, 0) }, false},
	} {
		s := newIPRecord()
		c.fill(&s)
		if got := s.idle(now); got != c.want {
			t.Errorf("%s: idle is %v", name, got)
		}
	}
}

// A clock that begins anew takes everything along but those who waited at the old
// one. They are gone, and their requests count as seen by the service.
func TestShiftMovesAllInstants(t *testing.T) {
	t.Parallel()
	for inFlight := range 3 {
		s := newIPRecord()
		s.note(10*second, 10*second, 5*time.Second)
		s.take(11*second, 1, time.Second)
		for i := range inFlight {
			s.send(instant(20+i)*second, reservation{Num: instant(i), Delay: 10 * time.Second})
		}
		last, free := 10*second, 15*second
		if inFlight > 0 {
			last = instant(19+inFlight)*second + second/10
			free = last + 10*second
		}
		s.shift(-7 * time.Second)
		if len(s.Queue) != 0 || len(s.InFlight) != 0 || s.LastNum != never {
			t.Errorf("%d in flight: %+v is left", inFlight, s)
		}
		if s.Last != last-7*second || s.Free != free-7*second {
			t.Errorf("%d in flight: last %v, free %v, want both 7 s before %v and %v", inFlight, s.Last, s.Free, last, free)
		}
	}
	s := newIPRecord()
	if s.shift(-time.Second); s.Last != never || s.Free != never {
		t.Errorf("what never was became %v, %v", s.Last, s.Free)
	}
}

// Of two records that turn out to be one IP's the later of each instant holds.
func TestMergeTakesTheLater(t *testing.T) {
	t.Parallel()
	early := ipRecord{Last: second, Free: 2 * second, LastNum: 3}
	late := ipRecord{Last: 10 * second, Free: 20 * second, LastNum: 30}
	for name, c := range map[string][2]ipRecord{"into the earlier": {early, late}, "into the later": {late, early}} {
		s := c[0]
		s.merge(c[1])
		if s.Last != late.Last || s.Free != late.Free || s.LastNum != late.LastNum {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// So many requests stay in flight after a merge; the oldest count as seen.
func TestMergeBoundsWhatIsInFlight(t *testing.T) {
	t.Parallel()
	for _, n := range []int{maxInFlight - 10, maxInFlight - 9, maxInFlight} {
		a, b := newIPRecord(), newIPRecord()
		for i := range 10 {
			a.send(instant(i), reservation{Num: instant(i), Owner: 1})
		}
		for i := range n {
			b.send(instant(100+i), reservation{Num: instant(i), Owner: 2})
		}
		a.merge(b)
		gone := max(0, n+10-maxInFlight)
		if len(a.InFlight) != n+10-gone {
			t.Errorf("%d in flight of %d", len(a.InFlight), n+10)
		}
		if want := instant(gone - 1); gone > 0 && a.Last != want || gone == 0 && a.Last != never {
			t.Errorf("%d went: last %v", gone, a.Last)
		}
	}
}

// Who has not queued yet would start behind all who have, by the larger of the delays,
// and not before its own number.
func TestSlotOfOneWhoHasNotQueued(t *testing.T) {
	t.Parallel()
	s := newIPRecord()
	s.note(0, 0, 0)
	s.take(10*second, 1, 4*time.Second)
	for _, c := range []struct {
		delay time.Duration
		num   instant
		want  instant
	}{{0, 0, 14 * second}, {9 * time.Second, 0, 19 * second}, {0, 50 * second, 50 * second}} {
		if got := s.slotOf(10*second, reservation{Num: c.num, Owner: 9, Delay: c.delay}); got != c.want {
			t.Errorf("delay %v, number %v: %v, want %v", c.delay, c.num, got, c.want)
		}
	}
	empty := newIPRecord()
	if got := empty.slotOf(second, reservation{Num: 3 * second, Delay: time.Minute}); got != 3*second {
		t.Errorf("of an empty record: %v", got)
	}
	if got := empty.ready(7 * second); got > 7*second {
		t.Errorf("an empty record is ready at %v", got)
	}
	s.postpone(30 * second)
	if got := s.ready(10 * second); got != 34*second {
		t.Errorf("ready at %v, want 34 s", got)
	}
}
