package mock

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// outcome is what became of a row of requests.
type outcome struct {
	violations int
	lastHeld   time.Duration
}

func (o *outcome) add(c claimed) {
	if c.verdict == verdictViolation {
		o.violations++
	}
	o.lastHeld = c.wait
}

// cadence sends a request at each of these seconds.
func (p *pacer) cadence(s *session, at ...float64) (o outcome) {
	for _, seconds := range at {
		o.add(p.at(seconds, s))
	}
	return o
}

// loop sends n requests, each of them that long after the answer to the one
// before, which takes no time beyond the hold. It returns the last answer.
func (p *pacer) loop(s *session, from time.Time, pause time.Duration, n int) (o outcome, answered time.Time) {
	answered = from
	for range n {
		c := p.claim(s, answered.Add(pause), 0)
		o.add(c)
		answered = c.slot
	}
	return o, answered
}

func TestASlipIsOneViolation(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		at   []float64
		want int
	}{
		"a first request that came late":    {[]float64{0, 11.4, 23.4, 35.4, 47.4, 59.4, 71.4, 83.4, 95.4}, 1},
		"within the tolerance":              {[]float64{0, 11.9, 23.9, 35.9, 47.9}, 0},
		"a tenth that came late":            {[]float64{0, 12, 24, 36.7, 48, 60, 72, 84, 96}, 1},
		"two, far apart":                    {[]float64{0, 11.4, 23.4, 35.4, 47.4, 58.8, 70.8, 82.8, 94.8, 106.8}, 2},
		"two at once":                       {[]float64{0, 11.4, 22.8, 34.8, 46.8, 58.8, 70.8, 82.8}, 2},
		"a fourth too fast by two seconds":  {[]float64{0, 12, 24, 34, 46, 58, 70, 82, 94}, 1},
		"a little less than a quarter":      {[]float64{0, 12, 21.1, 33.1, 45.1}, 1},
		"three in a row":                    {[]float64{0, 11.5, 23, 34.5, 46.5, 58.5, 70.5, 82.5, 94.5, 106.5}, 3},
		"a quarter is no slip":              {[]float64{0, 9, 21, 33, 45}, 4},
		"each one too fast":                 {[]float64{0, 11, 22, 33, 44, 55}, 5},
		"one behind another, a delay apart": {[]float64{0, 0, 12, 24, 36}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPacer(t, Config{})
			if got := p.cadence(p.session(), tc.at...); got.violations != tc.want {
				t.Errorf("%d violations, want %d", got.violations, tc.want)
			}
		})
	}
}

// A hold alone is no ground to count from the release: whoever sends by a timer
// does not know of it. Suppose that each request held for a quarter of the
// delay counted from its release. The last four of the first row, and the last
// of the others, would then be violations for ever.
func TestAHoldIsNoHaste(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		others, at []float64
		violations int
		held       float64 // the last but one, in seconds
	}{
		"two slips of 0.6 s":                       {nil, []float64{0, 11.4, 22.8, 34.8, 46.8, 58.8, 70.8, 82.8}, 2, 3.2},
		"behind another of an IP that nobody knew": {[]float64{0}, []float64{0, 12}, 0, 12},
		"a second behind another":                  {[]float64{0}, []float64{1, 13}, 0, 11},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPacer(t, Config{IPs: 1})
			p.cadence(p.session(), tc.others...)
			s, last := p.session(), len(tc.at)-1
			got := p.cadence(s, tc.at[:last]...)
			if held := got.lastHeld.Seconds(); held != tc.held {
				t.Errorf("held for %v s, want %v s", held, tc.held)
			}
			if all := got.violations + p.cadence(s, tc.at[last]).violations; all != tc.violations {
				t.Errorf("%d violations, want %d", all, tc.violations)
			}
		})
	}
}

// A sender counts from when it began with the tunnel for its first request. No
// tunnel excuses more than half a delay.
func TestATunnelIsNoSlip(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		setup, next float64
		verdict     string
	}{
		{4, 12, ""}, {4, 11.5, verdictViolation}, {6, 12, ""}, {20, 25, verdictViolation}, {20, 26, ""},
	} {
		p := newPacer(t, Config{})
		s := p.session()
		p.claim(s, p.start.Add(inSeconds(tc.setup)), inSeconds(tc.setup))
		got := p.at(tc.next, s)
		if got.verdict != "" && !strings.Contains(got.reason, " after the tunnel of the request before it, ") {
			t.Errorf("the reason does not count from the tunnel: %s", got.reason)
		}
		if got.verdict != tc.verdict {
			t.Errorf("%v s for a tunnel, and the next %v s after its begin: %q (%s)", tc.setup, tc.next, got.verdict, got.reason)
		}
	}
}

func TestHasteIsJudgedAlikeWheneverItIsRepeated(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		rest, pause time.Duration
		want        int
	}{
		{rest: 14 * time.Second, want: 38},
		{rest: 18 * time.Second, want: 38},
		{rest: time.Hour, want: 38},
		{rest: 14 * time.Second, pause: 2 * time.Second, want: 38},
		{rest: time.Second, want: 39},
	} {
		p := newPacer(t, Config{})
		s := p.session()
		first, answered := p.loop(s, p.start, tc.pause, 20)
		second, _ := p.loop(s, answered.Add(tc.rest-tc.pause), tc.pause, 20)
		if got := first.violations + second.violations; got != tc.want {
			t.Errorf("a rest of %v, pauses of %v: %d violations, want %d", tc.rest, tc.pause, got, tc.want)
		}
	}
}

func TestPolitenessIsForgiven(t *testing.T) {
	t.Parallel()
	p := newPacer(t, Config{})
	s := p.session()
	_, answered := p.loop(s, p.start, 0, 10)
	if s.node.surplus != 9*time.Second {
		t.Fatalf("ten hasty requests raise the delay by %v", s.node.surplus)
	}
	polite, _ := p.loop(s, answered, 12*time.Second, 10)
	if polite.violations != 0 || polite.lastHeld != 0 || s.node.surplus != 0 || s.pace.debt != 0 {
		t.Errorf("%+v, and the delay is still raised by %v, for %d requests", polite, s.node.surplus, s.pace.debt)
	}
}

func TestLeaversTakeEverythingWithThem(t *testing.T) {
	t.Parallel()
	t.Run("all of them", func(t *testing.T) {
		t.Parallel()
		p := newPacer(t, Config{})
		s := p.session()
		p.at(0, s)
		var held []claimed
		for range 20 {
			held = append(held, p.at(0.1, s))
		}
		for _, i := range []int{7, 0, 19, 3} { // in any order
			p.leave(held[i].reservation)
		}
		for i, c := range held {
			if i != 7 && i != 0 && i != 19 && i != 3 {
				p.leave(c.reservation)
			}
		}
		p.want(p.at(12, s), 12, 0, "")
		if s.node.surplus != 0 || s.pace.debt != 0 || len(s.node.queue) != 2 {
			t.Errorf("the delay is raised by %v, %d early requests are owed for, %d in the queue", s.node.surplus, s.pace.debt, len(s.node.queue))
		}
	})
	t.Run("those behind move forward", func(t *testing.T) {
		t.Parallel()
		p := newPacer(t, Config{})
		s := p.session()
		p.at(0, s)
		first, second, third := p.at(1, s), p.at(2, s), p.at(3, s) // at 12, 25, 39
		_, moved := p.slotOf(third.reservation)
		if _, again := p.slotOf(third.reservation); again != moved {
			t.Error("who asks again gets another channel")
		}
		p.leave(second.reservation)
		select {
		case <-moved:
		default:
			t.Error("who waits was not told")
		}
		if p.seconds(first) != 12 || p.seconds(third) != 25 || s.pace.debt != 2 {
			t.Errorf("%v, %v, and %d early requests are owed for", p.seconds(first), p.seconds(third), s.pace.debt)
		}
		p.leave(third.reservation)
		p.leave(third.reservation) // it has nothing left to give
		if s.node.surplus != time.Second || s.pace.debt != 1 {
			t.Errorf("the delay is raised by %v, and %d early requests are owed for", s.node.surplus, s.pace.debt)
		}
		p.want(p.at(23.5, s), 25, 0.5, verdictViolation) // the first has added a second
	})
	t.Run("those before stay", func(t *testing.T) {
		t.Parallel()
		p := newPacer(t, Config{})
		s := p.session()
		p.at(0, s)
		first, second, third := p.at(1, s), p.at(2, s), p.at(3, s) // at 12, 25, 39
		p.leave(third.reservation)
		if p.seconds(first) != 12 || p.seconds(second) != 25 {
			t.Errorf("%v, %v", p.seconds(first), p.seconds(second))
		}
	})
	t.Run("who is held no longer starts when it came", func(t *testing.T) {
		t.Parallel()
		p := newPacer(t, Config{Growth: -1})
		s := p.session()
		p.at(0, s)
		first, second := p.at(11, s), p.at(20, s) // at 12, 24
		p.leave(first.reservation)
		if p.seconds(second) != 20 {
			t.Errorf("starts at %v", p.seconds(second))
		}
	})
	t.Run("nobody's delay falls below the service's", func(t *testing.T) {
		t.Parallel()
		p := newPacer(t, Config{IPs: 1})
		others, s := p.session(), p.session()
		p.cadence(others, 0, 0, 0, 0, 0, 0)
		first := p.at(1, s) // the delay is 18 s
		p.cadence(s, 13, 25, 37, 49, 61, 73)
		before, last := p.at(85, s), p.at(97, s) // the delay is 12 s again
		p.leave(first.reservation)
		if got := last.slot.Sub(before.slot); got != 12*time.Second || s.node.surplus != 0 {
			t.Errorf("%v apart, and the delay is raised by %v", got, s.node.surplus)
		}
	})
	t.Run("what was made good is not given back again", func(t *testing.T) {
		t.Parallel()
		p := newPacer(t, Config{IPs: 1})
		others, s := p.session(), p.session()
		p.cadence(others, 0, 0, 0)
		p.at(1, s)
		slipped := p.at(11, s)
		p.want(p.at(23, s), 69, 0, "")
		if p.leave(slipped.reservation); s.pace.debt != 0 {
			t.Errorf("%d early requests are owed for", s.pace.debt)
		}
	})
	t.Run("nobody counts from them", func(t *testing.T) {
		t.Parallel()
		p := newPacer(t, Config{})
		s := p.session()
		p.at(0, s)
		p.leave(p.at(11, s).reservation)
		p.want(p.at(12, s), 12, 0, "")
	})
	t.Run("one that was in time gives nothing more", func(t *testing.T) {
		t.Parallel()
		p := newPacer(t, Config{})
		s := p.session()
		p.cadence(s, 0, 0, 0) // at 0, 12, 25; the delay is 14 s
		held := p.at(37, s)   // in time, and held until 38: 13 s
		if s.pace.debt != 1 {
			t.Fatalf("two early requests and one in time owe for %d", s.pace.debt)
		}
		p.leave(held.reservation)
		if s.node.surplus != 2*time.Second || s.pace.debt != 1 {
			t.Errorf("the delay is raised by %v, and %d early requests are owed for", s.node.surplus, s.pace.debt)
		}
	})
	t.Run("one that has started stays", func(t *testing.T) {
		t.Parallel()
		p := newPacer(t, Config{})
		s := p.session()
		p.at(0, s)
		held := p.at(1, s)
		behind := p.at(12, s)
		p.begin_(behind)
		p.leave(held.reservation)
		if p.seconds(behind) != 25 {
			t.Errorf("what had started moved to %v", p.seconds(behind))
		}
	})
}

// begin_ lets a held request go on.
func (p *pacer) begin_(c claimed) { p.store.start(c.reservation) }

// A request closer than a delay to the one before it in its session is a
// violation, however the requests come. A request at least a delay behind both
// that one and its release is none. What was held for less than a quarter of the
// delay counts from its arrival.
func TestLaw(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		growth := time.Duration(rapid.IntRange(0, 5).Draw(r, "growth")) * time.Second
		p := newPacer(t, Config{Growth: growth - 1, MaxDelay: -1})
		s := p.session()
		tolerance := p.tolerance()
		var now time.Time = p.start
		var before *claimed
		for range rapid.IntRange(2, 60).Draw(r, "requests") {
			now = now.Add(time.Duration(rapid.IntRange(0, 30_000).Draw(r, "pause")) * time.Millisecond)
			got := p.claim(s, now, 0)
			if before != nil {
				soon := now.Sub(before.arrived) < 12*time.Second-tolerance
				soonReleased := now.Sub(before.slot) < 12*time.Second-tolerance && before.wait >= 3*time.Second
				switch violation := got.verdict == verdictViolation; {
				case soon && !violation:
					r.Fatalf("%v after the one before it, and no violation", now.Sub(before.arrived))
				case !soon && !soonReleased && violation:
					r.Fatalf("a violation %v after the one before it, which was held for %v", now.Sub(before.arrived), before.wait)
				case got.verdict == verdictUnknowable:
					r.Fatal("a session's own requests are known")
				case violation != (got.early > 0) || violation && got.growth < 0:
					r.Fatalf("%+v", got)
				}
			}
			before = &got
		}
	})
}

// A loop may repeat as soon as it is answered, or up to a quarter of the delay
// after that. Each repetition is a violation, wherever the loop begins.
func TestLoopsAreAlwaysConvicted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		p := newPacer(t, Config{MaxDelay: -1})
		s := p.session()
		answered := p.start
		for range rapid.IntRange(1, 4).Draw(r, "bursts") {
			rest := inSeconds(12 + rapid.Float64Range(0, 3).Draw(r, "rest"))
			n := rapid.IntRange(2, 15).Draw(r, "requests")
			pause := inSeconds(rapid.Float64Range(0, 0.2).Draw(r, "pause"))
			first := p.claim(s, answered.Add(rest), 0)
			if first.verdict != "" {
				r.Fatalf("after a rest of %v: %s", rest, first.reason)
			}
			var loop outcome
			loop, answered = p.loop(s, first.slot, pause, n)
			if loop.violations != n {
				r.Fatalf("%d violations of %d behind a hold of %v", loop.violations, n, first.wait)
			}
		}
	})
}

// A client that leaves the delay between its requests is never convicted,
// whoever else uses its IP, and however long it is held for that.
func TestPatienceIsNeverConvicted(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]func(c claimed, pause time.Duration) time.Time{
		"counting from its answers": func(c claimed, pause time.Duration) time.Time { return c.slot.Add(12*time.Second + pause) },
		"counting from its requests, without waiting for answers": func(c claimed, pause time.Duration) time.Time {
			if held := c.slot.Sub(c.arrived); held > 12*time.Second && held <= 15*time.Second {
				return c.slot.Add(12 * time.Second) // as soon as it is answered looks like a loop
			}
			return c.arrived.Add(12*time.Second + pause)
		},
		"as smp does": func(c claimed, pause time.Duration) time.Time {
			if c.slot.Sub(c.arrived) > 12*time.Second {
				return c.slot.Add(12*time.Second + pause)
			}
			return c.arrived.Add(12*time.Second + pause)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(r *rapid.T) {
				p := newPacer(t, Config{IPs: 1, MaxDelay: -1})
				patient, hasty := p.session(), p.session()
				now := p.start
				for range rapid.IntRange(1, 30).Draw(r, "requests") {
					for range rapid.IntRange(0, 4).Draw(r, "hasty ones") {
						p.claim(hasty, now, 0)
					}
					c := p.claim(patient, now, 0)
					if c.verdict == verdictViolation {
						r.Fatalf("convicted: %s", c.reason)
					}
					now = next(c, time.Duration(rapid.IntRange(0, 3000).Draw(r, "pause"))*time.Millisecond)
				}
			})
		})
	}
}

// Others have raised the delay here. A client that was held for more than a delay
// and repeats at its answer is hasty. A client that did not wait for the answer is
// not.
func TestAfterALongHold(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		next    float64
		verdict string
	}{{63, ""}, {62, verdictViolation}, {66, verdictViolation}, {77, verdictViolation}, {78, ""}} {
		p := newPacer(t, Config{IPs: 1, Growth: 15 * time.Second})
		others, s := p.session(), p.session()
		p.cadence(others, 0, 0, 0) // at 0, 12, 39; the delay is 42 s
		p.want(p.at(51, s), 66, 0, "")
		if got := p.at(tc.next, s); got.verdict != tc.verdict {
			t.Errorf("at %v s: %q (%s)", tc.next, got.verdict, got.reason)
		}
	}
}

// What is owed for a single early request makes a hold of 3/4 of a delay count. A
// request that follows by a quarter of a delay was fired at the answer.
func TestAHoldWhileSomethingIsOwed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		at, next float64
		verdict  string
	}{{30, 42, verdictViolation}, {29, 41, verdictViolation}, {30.5, 42.5, ""}} {
		p := newPacer(t, Config{IPs: 1})
		s, others := p.session(), p.session()
		p.cadence(s, 0, 1)
		p.at(12, others)
		if got := p.at(tc.at, s); p.seconds(got) != 39 || got.known != 0 {
			t.Errorf("at %v s: starts at %v, early by %v", tc.at, p.seconds(got), got.known)
		}
		if got := p.at(tc.next, s); got.verdict != tc.verdict {
			t.Errorf("at %v s, and again at %v s: %q (%s)", tc.at, tc.next, got.verdict, got.reason)
		}
	}
}

// A hold of a delay, and no more than the tolerance above that, may be one that the
// client did not wait for.
func TestAHoldOfADelay(t *testing.T) {
	t.Parallel()
	for over, verdict := range map[time.Duration]string{0: "", 1: verdictViolation} {
		p := newPacer(t, Config{IPs: 1, Growth: 15 * time.Second})
		others, s := p.session(), p.session()
		p.cadence(others, 0, 0, 0) // at 0, 12, 39; the delay is 42 s
		slot := p.start.Add(66 * time.Second)
		if got := p.claim(s, slot.Add(-12240*time.Millisecond-over), 0); !got.slot.Equal(slot) {
			t.Fatalf("starts at %v", p.seconds(got))
		}
		if got := p.at(66, s); got.verdict != verdict {
			t.Errorf("%v more: %q (%s)", over, got.verdict, got.reason)
		}
	}
}

// Without a tolerance a nanosecond counts.
func TestNoTolerance(t *testing.T) {
	t.Parallel()
	p := newPacer(t, Config{IPs: 1, Tolerance: -1})
	s, other := p.session(), p.session()
	p.at(0, s)
	got := p.claim(s, p.start.Add(12*time.Second-1), 0)
	if got.verdict != verdictViolation || got.early != 1 || s.node.surplus != time.Second || s.pace.debt != 1 {
		t.Errorf("%+v; the delay is raised by %v", got, s.node.surplus)
	}
	if got := p.claim(other, p.start.Add(24*time.Second-2), 0); got.verdict != verdictUnknowable || got.early != 1 {
		t.Errorf("%+v", got)
	}
}

// An IP is known from the first answer that names it.
func TestTheFirstNameCounts(t *testing.T) {
	t.Parallel()
	var p pace
	now := time.Now()
	p.name(now)
	p.name(now.Add(time.Hour))
	if !p.namedBy(now) || p.namedBy(now.Add(-1)) {
		t.Errorf("named at %v", p.named)
	}
}

func TestReasons(t *testing.T) {
	t.Parallel()
	p := newPacer(t, Config{})
	s := p.session()
	p.at(0, s)
	for _, tc := range []struct {
		at   float64
		want string
	}{
		{0, "0s after the arrival of the request before it, in the same session"},
		{5, "the request before it, in the same session, is still held"},
		{30, "5s after the release of the request before it, in the same session"},
	} {
		if got := p.at(tc.at, s); got.reason != tc.want {
			t.Errorf("at %v s: %q, want %q", tc.at, got.reason, tc.want)
		}
	}
}

// What an answer told governs from when it can have arrived, in the session and
// in others whose IP is known to be the same.
func TestWhatAnAnswerToldIsKnown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, tc := range []struct {
			name    string
			other   bool
			named   bool
			at      float64
			verdict string
		}{
			{"on its way", false, true, 121.04, ""},
			{"in its session", false, true, 121.06, verdictViolation},
			{"in another", true, true, 121.06, verdictViolation},
			{"in another, of an IP that nobody named", true, false, 121.06, ""},
			{"heeded", false, true, 243, ""},
		} {
			p := newPacer(t, Config{IPs: 1, Delay: 60 * time.Second, Growth: 61 * time.Second})
			a, b := p.session(), p.session()
			p.at(0, a)
			p.at(1, a) // starts at 60; the delay is 121 s, until 181
			if tc.named {
				b.pace.name(p.start)
			}
			p.start = p.start.Add(-121 * time.Second) // the answer comes at 121
			for _, rv := range a.node.queue {
				rv.sent, rv.arrived, rv.slot = rv.sent.Add(-121*time.Second), rv.arrived.Add(-121*time.Second), rv.slot.Add(-121*time.Second)
			}
			if wait, told := p.answer(a, true); !told || wait != 60*time.Second {
				t.Fatalf("%v, %t", wait, told)
			}
			in := a
			if tc.other {
				in = b
			}
			if got := p.at(tc.at, in); got.verdict != tc.verdict {
				t.Errorf("%s: %q (%s)", tc.name, got.verdict, got.reason)
			}
		}
	})
}
