package mock

import (
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// pacer drives a store without a server.
type pacer struct {
	*store
	t     *testing.T
	start time.Time
}

func newPacer(t *testing.T, cfg Config) *pacer {
	t.Helper()
	cfg, err := cfg.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	st := newStore(cfg, newClock(cfg.TimeScale))
	return &pacer{st, t, st.clock.now()}
}

func (p *pacer) session() *session {
	p.t.Helper()
	s := p.create()
	if s == nil {
		p.t.Fatal("no session")
	}
	return s
}

func inSeconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// at claims a slot for a request in s, that many seconds after the start.
func (p *pacer) at(s float64, in *session) claimed { return p.claim(in, p.start.Add(inSeconds(s)), 0) }

// slotOf is the slot of a request in seconds after the start.
func (p *pacer) seconds(c claimed) float64 { return c.slot.Sub(p.start).Seconds() }

// want compares a slot with the seconds of its start and of its earliness.
func (p *pacer) want(got claimed, slot, early float64, verdict string) {
	p.t.Helper()
	if at := p.seconds(got); at != slot || got.early.Seconds() != early || got.verdict != verdict {
		p.t.Errorf("starts at %gs, early by %v, %q (%s); want %gs, %gs, %q", at, got.early, got.verdict, got.reason, slot, early, verdict)
	}
}

func TestSlotsAreADelayApart(t *testing.T) {
	t.Parallel()
	p := newPacer(t, Config{Growth: -1})
	s := p.session()
	p.want(p.at(0, s), 0, 0, "")
	p.want(p.at(12, s), 12, 0, "")
	p.want(p.at(13, s), 24, 11, verdictViolation)
	p.want(p.at(13, s), 36, 23, verdictViolation)
	p.want(p.at(48, s), 48, 0, "")
	other := p.session()
	p.want(p.at(48, other), 48, 0, "")
}

func TestTolerance(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		cfg       Config
		tolerance time.Duration // of the service's time
	}{
		"2 % of the delay":    {Config{}, 240 * time.Millisecond},
		"2 ms of real time":   {Config{TimeScale: 1000}, 2 * time.Second},
		"as it is given":      {Config{TimeScale: 10, Tolerance: 50 * time.Millisecond}, 500 * time.Millisecond},
		"none":                {Config{Tolerance: -1}, 0},
		"the scale is no gap": {Config{TimeScale: 60}, 240 * time.Millisecond},
	} {
		p := newPacer(t, tc.cfg)
		s := p.session()
		p.at(0, s)
		in := (12*time.Second - tc.tolerance).Seconds()
		p.want(p.at(in, s), in, 0, "")
		if got := p.at(2*in-0.001, s); got.verdict != verdictViolation {
			t.Errorf("%s: a millisecond more is %q", name, got.verdict)
		}
	}
}

func TestHasteRaisesTheDelay(t *testing.T) {
	t.Parallel()
	p := newPacer(t, Config{Growth: 3 * time.Second})
	s := p.session()
	p.at(0, s)
	p.want(p.at(1, s), 12, 11, verdictViolation) // the delay is 15 s now
	p.want(p.at(2, s), 27, 22, verdictViolation) // 18 s
	p.want(p.at(45, s), 45, 0, "")               // 15 s
	p.want(p.at(58, s), 58, 0, "")               // 12 s
	p.want(p.at(70, s), 70, 0, "")
	if p.next12(s) != 82 {
		t.Errorf("the next slot is at %v", p.next12(s))
	}
}

// next12 is the slot of a further request, in seconds after the start.
func (p *pacer) next12(s *session) float64 { return s.node.next(p.cfg.Delay).Sub(p.start).Seconds() }

// The raised delay holds a request that is not early, and is lowered by it first.
func TestRaisedDelayHoldsInTime(t *testing.T) {
	t.Parallel()
	p := newPacer(t, Config{Growth: 3 * time.Second})
	s := p.session()
	p.at(0, s)
	p.at(1, s) // starts at 12; the delay is 15 s
	p.at(2, s) // starts at 27; 18 s
	p.want(p.at(39, s), 42, 0, "")
	if s.node.surplus != 3*time.Second {
		t.Errorf("the delay is raised by %v", s.node.surplus)
	}
}

func TestDelayIsCapped(t *testing.T) {
	t.Parallel()
	p := newPacer(t, Config{Growth: time.Hour})
	s := p.session()
	p.at(0, s)
	p.at(1, s)
	if got := s.node.surplus + p.cfg.Delay; got != 15*time.Minute {
		t.Errorf("a delay of %v", got)
	}
	for range 3 {
		p.at(2, s)
	}
	if got := p.at(2, s); p.seconds(got) != 902 {
		t.Errorf("held until %v", p.seconds(got))
	}
	p = newPacer(t, Config{Growth: time.Hour, MaxDelay: -1, HardLimit: 20 * time.Minute})
	s = p.session()
	p.at(0, s)
	p.at(1, s)
	if got := s.node.surplus + p.cfg.Delay; got != 20*time.Minute {
		t.Errorf("a delay of %v with a hard limit alone", got)
	}
	p = newPacer(t, Config{Growth: time.Hour, MaxDelay: -1})
	s = p.session()
	p.at(0, s)
	p.at(1, s)
	if got := s.node.surplus; got != time.Hour {
		t.Errorf("raised by %v without a limit", got)
	}
}

func TestHardLimitRefuses(t *testing.T) {
	t.Parallel()
	p := newPacer(t, Config{HardLimit: 25 * time.Second})
	s := p.session()
	p.at(0, s)
	p.want(p.at(0, s), 12, 12, verdictViolation)
	refused := p.at(0, s)
	if !refused.refused || refused.wait != 25*time.Second {
		t.Errorf("%+v", refused)
	}
	p.want(p.at(5, s), 25, 19, verdictViolation) // the refused one took no slot and raised nothing
}

func TestSharedIP(t *testing.T) {
	t.Parallel()
	t.Run("nobody named it", func(t *testing.T) {
		t.Parallel()
		p := newPacer(t, Config{Growth: -1, IPs: 1})
		a, b := p.session(), p.session()
		p.want(p.at(0, a), 0, 0, "")
		p.want(p.at(1, b), 12, 11, verdictUnknowable)
		// Two requests of one session share an IP, whatever it is.
		p.want(p.at(2, b), 24, 11, verdictViolation)
	})
	t.Run("a sender counts from what it sent", func(t *testing.T) {
		t.Parallel()
		p := newPacer(t, Config{Growth: -1, IPs: 1})
		a, b := p.session(), p.session()
		p.at(0, a)
		p.at(1, b) // held until 12
		p.want(p.at(13, b), 24, 0, "")
		p.want(p.at(24, b), 36, 1, verdictViolation)
	})
	t.Run("the list named it", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			p := newPacer(t, Config{Growth: -1, IPs: 1})
			a, b := p.session(), p.session()
			p.list()
			time.Sleep(time.Second)
			p.at(1, a)
			got := p.at(2, b)
			p.want(got, 13, 11, verdictViolation)
			if want := "1s after the arrival of the request before it, on the same IP, which answers had named"; got.reason != want {
				t.Errorf("%q, want %q", got.reason, want)
			}
		})
	})
	t.Run("an answer named it", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			p := newPacer(t, Config{Growth: -1, IPs: 1})
			a, b := p.session(), p.session()
			p.at(0, a)
			p.answer(a, true)
			p.want(p.at(1, b), 12, 11, verdictUnknowable)
			time.Sleep(12 * time.Second)
			p.answer(b, true)
			p.want(p.at(12.5, a), 24, 0.5, verdictViolation) // b's came at 1
		})
	})
	t.Run("an error does not name it", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			p := newPacer(t, Config{Growth: -1, IPs: 1})
			a, b := p.session(), p.session()
			p.answer(a, false)
			p.answer(b, false)
			time.Sleep(time.Second)
			p.at(1, a)
			p.want(p.at(2, b), 13, 11, verdictUnknowable)
		})
	})
	t.Run("it was named, and then its session ended", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			p := newPacer(t, Config{Growth: -1, IPs: 1})
			a, b := p.session(), p.session()
			p.list()
			time.Sleep(time.Second)
			p.at(1, a)
			p.delete(a.id)
			p.want(p.at(2, b), 13, 11, verdictViolation)
		})
	})
	t.Run("it was named while the first request was on its way", func(t *testing.T) {
		t.Parallel()
		p := newPacer(t, Config{Growth: -1, IPs: 1})
		a, b := p.session(), p.session()
		p.at(0, a)
		p.list()
		p.want(p.at(0.005, b), 12, 11.995, verdictUnknowable)
		p.want(p.at(0.005, a), 24, 12, verdictViolation)
	})
	for name, first := range map[string]func(a, b *session) (early, late *session){
		"the IP of its session crossed it":                func(a, b *session) (_, _ *session) { return a, b },
		"the IP of the session before its own crossed it": func(a, b *session) (_, _ *session) { return b, a },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPacer(t, Config{Growth: -1, IPs: 1})
			a, b := p.session(), p.session()
			early, late := first(a, b)
			early.pace.name(p.start)
			late.pace.name(p.start.Add(time.Second))
			p.at(0.75, a)
			p.want(p.at(1.0078125, b), 12.75, 11.7421875, verdictUnknowable)
		})
	}
	t.Run("only what comes first can cross a name", func(t *testing.T) {
		t.Parallel()
		p := newPacer(t, Config{Growth: -1, IPs: 1})
		a, b := p.session(), p.session()
		p.at(0, b)
		p.want(p.at(12, a), 12, 0, "")
		a.pace.name(p.start)
		b.pace.name(p.start.Add(13 * time.Second))
		p.want(p.at(13.005, b), 24, 10.995, verdictViolation)
	})
	t.Run("an older request of one that was named, behind one of another", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			p := newPacer(t, Config{Growth: -1, IPs: 1})
			a, b, c := p.session(), p.session(), p.session()
			p.answer(a, true)
			p.answer(c, true)
			time.Sleep(time.Second)
			p.at(1, a)
			p.at(2, b) // held until 13
			p.want(p.at(3, c), 25, 10, verdictViolation)
		})
	})
}

// Without a delay there are no slots, in whatever order requests are looked at.
func TestNoDelay(t *testing.T) {
	t.Parallel()
	p := newPacer(t, Config{Delay: -1, Tolerance: -1, Growth: time.Second})
	s := p.session()
	for _, at := range []float64{1, 0, 0.5, 0.5} {
		p.want(p.at(at, s), at, 0, "")
	}
	if s.node.surplus != 0 || s.node.requests != 4 || len(s.node.queue) != 0 {
		t.Errorf("%+v", s.node)
	}
}

// The service does not know what a sender could know.
func TestUnknowableHasteRaisesTheDelay(t *testing.T) {
	t.Parallel()
	p := newPacer(t, Config{IPs: 1})
	a, b := p.session(), p.session()
	p.at(0, a)
	p.want(p.at(1, b), 12, 11, verdictUnknowable)
	if a.node.surplus != time.Second {
		t.Errorf("raised by %v", a.node.surplus)
	}
}

// Where the cap lets requests through sooner, several of the last delay count.
func TestTheQueueKeepsWhatCounts(t *testing.T) {
	t.Parallel()
	p := newPacer(t, Config{IPs: 1, MaxDelay: 5 * time.Second})
	a, b := p.session(), p.session()
	p.at(0, a)
	p.begin_(p.at(1, b)) // starts at 6
	p.want(p.at(7, a), 12, 5, verdictViolation)
	if a.node.surplus != 0 {
		t.Errorf("raised by %v", a.node.surplus)
	}
}

func TestTheQueueForgetsWhatIsOver(t *testing.T) {
	t.Parallel()
	p := newPacer(t, Config{})
	s := p.session()
	for i := range 100 {
		p.at(30*float64(i), s)
		p.begin_(p.at(30*float64(i)+1, s))
	}
	if n := len(s.node.queue); n > 3 {
		t.Errorf("%d in the queue", n)
	}
	p.at(10_000, s)
	if n := len(s.node.queue); n != 2 { // itself, and the last that started before it
		t.Errorf("%d in the queue", n)
	}
	p.at(10_001, s)
	p.at(20_000, s)
	if n := len(s.node.queue); n != 3 { // the one that is still held, and the last that started before that
		t.Errorf("%d in the queue behind one that is still held", n)
	}
	p.at(30_000, s)
	if n := len(s.node.queue); n != 4 {
		t.Errorf("%d in the queue, one of them still held", n)
	}
}

func TestSoftLimitTells(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(t, Config{Growth: 10 * time.Second, SoftLimit: 22 * time.Second})
		s := p.session()
		p.at(0, s)
		if wait, told := p.answer(s, true); told || wait != 0 {
			t.Errorf("told to wait %v below the limit", wait)
		}
		p.at(1, s) // starts at 12, and the delay is 22 s
		time.Sleep(12 * time.Second)
		if wait, told := p.answer(s, true); !told || wait != 22*time.Second {
			t.Errorf("told to wait %v, %t", wait, told)
		}
		time.Sleep(5 * time.Second) // a slow target
		if wait, told := p.answer(s, true); !told || wait != 17*time.Second {
			t.Errorf("told to wait %v, %t", wait, told)
		}
		// A request that crossed the answer on its way could not know.
		p.want(p.at(17.04, s), 34, 6.96, verdictViolation)
		// From now on the longer delay is known.
		got := p.at(27, s)
		p.want(got, 66, 19, verdictViolation)
		if want := "the request before it, in the same session, is still held"; got.reason != want {
			t.Errorf("%q, want %q", got.reason, want)
		}
	})
}

func TestSoftLimitOfAQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(t, Config{Growth: -1, SoftLimit: 50 * time.Second})
		s := p.session()
		p.cadence(s, 0, 0, 0, 0)
		if wait, told := p.answer(s, true); told {
			t.Errorf("told to wait %v behind three", wait)
		}
		p.at(0, s)
		if wait, told := p.answer(s, true); !told || wait != time.Minute {
			t.Errorf("%v, %t behind four", wait, told)
		}
		p = newPacer(t, Config{Delay: 3 * time.Minute})
		if wait, told := p.answer(p.session(), true); told {
			t.Errorf("told to wait %v before the first request", wait)
		}
		p = newPacer(t, Config{SoftLimit: -1})
		s = p.session()
		p.cadence(s, 0, 0, 0, 0)
		if wait, told := p.answer(s, true); told {
			t.Errorf("told to wait %v without a limit", wait)
		}
	})
}

func TestSoftLimitIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(t, Config{Delay: 10 * time.Second, Growth: 10 * time.Second, SoftLimit: 20 * time.Second})
		s := p.session()
		p.at(0, s)
		p.at(0, s) // the delay is 20 s
		time.Sleep(31 * time.Second)
		if wait, told := p.answer(s, true); !told || wait != 0 {
			t.Errorf("after the slot of the next: %v, %t", wait, told)
		}
		p.at(31, s) // in time: 10 s again
		if wait, told := p.answer(s, true); told {
			t.Errorf("below the limit: %v", wait)
		}
	})
}

// Starts on one IP keep the delay, however the requests come, unless the cap
// lets one through.
func TestStartsKeepTheDelay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		p := newPacer(t, Config{IPs: 1, MaxDelay: -1, Tolerance: -1})
		s := p.session()
		var now time.Duration
		var last time.Time
		for i := range rapid.IntRange(2, 40).Draw(r, "requests") {
			now += time.Duration(rapid.IntRange(0, 20000).Draw(r, "pause")) * time.Millisecond
			got := p.claim(s, p.start.Add(now), 0)
			if i > 0 && got.slot.Sub(last) < 12*time.Second {
				r.Fatalf("request %d starts %v after the one before", i, got.slot.Sub(last))
			}
			if got.slot.Before(p.start.Add(now)) {
				r.Fatalf("request %d starts before it came", i)
			}
			last = got.slot
		}
	})
}
