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

// at claims a slot for a request in s, that many seconds after the start.
func (p *pacer) at(seconds float64, s *session) slot {
	return p.claim(s, p.start.Add(time.Duration(seconds*float64(time.Second))))
}

// want compares a slot with the seconds of its start and of its earliness.
func (p *pacer) want(got slot, start, early float64, verdict string) {
	p.t.Helper()
	if at := got.at.Sub(p.start).Seconds(); at != start || got.early.Seconds() != early || got.verdict != verdict {
		p.t.Errorf("starts at %gs, early by %v, %q; want %gs, %gs, %q", at, got.early, got.verdict, start, early, verdict)
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

func TestToleranceForgivesASmallMiss(t *testing.T) {
	t.Parallel()
	p := newPacer(t, Config{TimeScale: 10})
	s := p.session()
	p.at(0, s)
	// 2 ms of real time are 20 ms of the service's.
	p.want(p.at(11.98, s), 11.98, 0, "")
	p.want(p.at(23.95, s), 23.98, 0.03, verdictViolation)
}

func TestHasteRaisesTheDelay(t *testing.T) {
	t.Parallel()
	p := newPacer(t, Config{Growth: 3 * time.Second})
	s := p.session()
	p.at(0, s)
	p.want(p.at(1, s), 12, 11, verdictViolation) // the delay is 15 s now
	p.want(p.at(2, s), 27, 25, verdictViolation) // 18 s
	p.want(p.at(45, s), 45, 0, "")               // 15 s
	p.want(p.at(60, s), 60, 0, "")               // 12 s
	p.want(p.at(72, s), 72, 0, "")
}

// A client that keeps to the documented delay is not to blame for a longer one
// that nobody told it of, and does not raise it further.
func TestUntoldDelayIsUnknowable(t *testing.T) {
	t.Parallel()
	p := newPacer(t, Config{Growth: 3 * time.Second})
	s := p.session()
	p.at(0, s)
	p.at(1, s) // starts at 12
	p.want(p.at(24, s), 27, 3, verdictUnknowable)
	if s.node.surplus != 3*time.Second {
		t.Errorf("the delay has grown by %v", s.node.surplus)
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
	if got := p.at(2, s); got.at.Sub(p.start) != 15*time.Minute+2*time.Second {
		t.Errorf("held until %v", got.at.Sub(p.start))
	}
}

func TestHardLimitRefuses(t *testing.T) {
	t.Parallel()
	p := newPacer(t, Config{Growth: -1, HardLimit: 20 * time.Second})
	s := p.session()
	p.at(0, s)
	p.want(p.at(0, s), 12, 12, verdictViolation)
	refused := p.at(0, s)
	if !refused.refused || refused.early != 24*time.Second {
		t.Errorf("%+v", refused)
	}
	p.want(p.at(5, s), 24, 19, verdictViolation) // the refused one took no slot
}

func TestGiveBack(t *testing.T) {
	t.Parallel()
	p := newPacer(t, Config{Growth: -1})
	s := p.session()
	p.at(0, s)
	first := p.at(0, s)
	p.at(0, s)
	p.giveBack(s, first) // somebody stands behind it
	p.want(p.at(0, s), 36, 36, verdictViolation)
	p = newPacer(t, Config{Growth: -1})
	s = p.session()
	p.at(0, s)
	first, second := p.at(0, s), p.at(0, s)
	p.giveBack(s, second)
	p.giveBack(s, first)
	p.want(p.at(12, s), 12, 0, "")
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
		p.want(p.at(2, b), 24, 22, verdictViolation)
	})
	t.Run("a sender counts from what it sent", func(t *testing.T) {
		t.Parallel()
		p := newPacer(t, Config{Growth: -1, IPs: 1})
		a, b := p.session(), p.session()
		p.at(0, a)
		p.at(1, b) // held until 12
		p.want(p.at(13, b), 24, 11, verdictUnknowable)
	})
	t.Run("the list named it", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			p := newPacer(t, Config{Growth: -1, IPs: 1})
			a, b := p.session(), p.session()
			p.list()
			time.Sleep(time.Second)
			p.at(1, a)
			p.want(p.at(2, b), 13, 11, verdictViolation)
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
			p.want(p.at(12.5, a), 24, 11.5, verdictViolation)
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
	t.Run("it was named while the request was on its way", func(t *testing.T) {
		t.Parallel()
		p := newPacer(t, Config{Growth: -1, IPs: 1})
		a, b := p.session(), p.session()
		p.at(0, a)
		p.list()
		p.want(p.at(0.005, b), 12, 11.995, verdictUnknowable)
	})
}

func TestSoftLimitTells(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(t, Config{Growth: 10 * time.Second, SoftLimit: 20 * time.Second})
		s := p.session()
		p.at(0, s)
		if wait := p.answer(s, true); wait != 0 {
			t.Errorf("told to wait %v below the limit", wait)
		}
		p.at(1, s) // starts at 12, and the delay is 22 s
		time.Sleep(12 * time.Second)
		if wait := p.answer(s, true); wait != 22*time.Second {
			t.Errorf("told to wait %v", wait)
		}
		// From now on the longer delay is known.
		p.want(p.at(24, s), 34, 10, verdictViolation)
	})
}

// Whoever follows the rules of a careful client is never blamed, whatever the
// others do.
func TestCarefulClientIsNeverBlamed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		p := newPacer(t, Config{IPs: 2, Delay: 10 * time.Second})
		sessions := []*session{p.session(), p.session(), p.session(), p.session()}
		p.list()
		careful, now := time.Duration(time.Second), time.Duration(time.Second)
		for range rapid.IntRange(1, 30).Draw(r, "requests") {
			now += time.Duration(rapid.IntRange(0, 15000).Draw(r, "pause")) * time.Millisecond
			now = max(now, careful)
			s := sessions[rapid.IntRange(0, 1).Draw(r, "session")*2] // of one IP
			taken := p.claim(s, p.start.Add(now))
			if taken.verdict != "" {
				r.Fatalf("blamed at %v: %+v", now, taken)
			}
			careful = now + 10*time.Second
			p.claim(sessions[1], p.start.Add(now)) // a careless one on the other IP
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
			got := p.claim(s, p.start.Add(now))
			if i > 0 && got.at.Sub(last) < 12*time.Second {
				r.Fatalf("request %d starts %v after the one before", i, got.at.Sub(last))
			}
			if got.at.Before(p.start.Add(now)) {
				r.Fatalf("request %d starts before it came", i)
			}
			last = got.at
		}
	})
}
