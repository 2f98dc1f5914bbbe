package ledger

import (
	"errors"
	"testing"
	"time"
)

var finalLife = Life{Idle: 2 * time.Minute, Age: 15 * time.Minute, Final: true, Margin: 5 * time.Second, Bans: 3}

// final is a process whose service ends sessions for good.
func (m *machine) final() *Ledger {
	return m.open(Options{Life: finalLife})
}

var atOnce = Pace{Patience: NoLimit}

func wantEnded(t *testing.T, err error, reason string) {
	t.Helper()
	ended := wantErr[*EndedError](t, err)
	if ended.Reason != reason || !errors.Is(err, ErrSessionDead) {
		t.Errorf("%v, want %q", err, reason)
	}
}

func TestAnEndedSessionIsRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		every  time.Duration
		times  int
		reason string
	}{
		"idle, just in time": {every: 115*time.Second - slop, times: 8},
		"idle":               {every: 115*time.Second + slop, times: 1, reason: "2m after its last request"},
		"old":                {every: time.Minute, times: 15, reason: "15m after its first request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, m *machine) {
				l := m.final()
				must(t, l.Add(Session{ID: "1"}))
				time.Sleep(time.Hour) // before its first use a session does not age
				for range tc.times {
					must(t, m.send(l, request{session: "1", Pace: atOnce}))
					time.Sleep(tc.every)
				}
				if tc.reason == "" {
					return
				}
				wantEnded(t, m.send(m.final(), request{session: "1", Pace: atOnce}), tc.reason)
				wantEnded(t, m.send(m.final(), request{session: "1", Pace: Pace{Unpaced: true, Patience: NoLimit}}), "")
				if s, ok, err := l.Session("1"); err != nil || !ok || !s.Dead {
					t.Errorf("%+v, %v, %v", s, ok, err)
				}
			})
		})
	}
}

// A request that takes minutes counts from its sending, also for others and while it
// lasts.
func TestAnEndIsCountedFromTheSending(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.final()
		go func() { _ = m.send(l, request{session: "1", Pace: atOnce, latency: 3 * time.Minute}) }()
		time.Sleep(2 * time.Minute)
		wantEnded(t, m.send(m.final(), request{session: "1", Pace: atOnce}), "2m after its last request")
		time.Sleep(2 * time.Minute)
		wantEnded(t, m.send(l, request{session: "1", Pace: atOnce}), "")
	})
}

// Who waits for a slot that comes after the end does not send.
func TestAnEndComesWhileARequestWaits(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.final()
		must(t, m.send(l, request{session: "1", Pace: atOnce, feedback: Feedback{Postpone: 3 * time.Minute}}))
		wantEnded(t, m.send(l, request{session: "1", Pace: atOnce}), "2m after its last request")
		m.wantSent(event{0, 0})
	})
}

func TestADeadSessionIsDeadForGood(t *testing.T) {
	t.Parallel()
	for name, kill := range map[string]func(*Ledger) error{
		"refused by the service": func(l *Ledger) error { return l.MarkDead("1") },
		"deleted":                func(l *Ledger) error { return l.End("1") },
		"forgotten":              func(l *Ledger) error { return l.Forget("1") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, m *machine) {
				l := m.final()
				must(t, m.send(l, request{session: "1", Pace: atOnce}))
				must(t, kill(l))
				for range 3 {
					wantEnded(t, m.send(m.final(), request{session: "1", Pace: atOnce}), "")
					time.Sleep(50 * time.Hour)
					if _, err := l.Sessions(); err != nil { // which clears away what is long over
						t.Fatal(err)
					}
				}
				if raw, err := l.store.peek(ref{sessions, "1"}); err != nil || len(raw[0]) > 0 {
					t.Errorf("the record of its session is still there: %v", err)
				}
				must(t, m.send(l, request{session: "2", Pace: atOnce}))
			})
		})
	}
}

func TestBansEndASession(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.final()
		ban, answer := Feedback{Banned: true}, Feedback{Answered: true}
		leased := Feedback{Banned: true, UnrecordedRequests: 1} // answers between them are recorded late
		for _, f := range []Feedback{ban, ban, answer, ban, {}, ban, leased, ban, ban} {
			must(t, m.send(m.final(), request{session: "1", Pace: atOnce, feedback: f}))
		}
		wantEnded(t, m.send(l, request{session: "1", Pace: atOnce}), "")
	})
}

// A service that lets sessions end, and forgets them, is asked again.
func TestWithoutFinalNothingIsRefused(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.process()
		for range 5 {
			must(t, m.send(l, request{session: "1", Pace: atOnce, feedback: Feedback{Banned: true}}))
			must(t, l.MarkDead("1"))
			time.Sleep(time.Hour)
		}
	})
}

// The life that an answer tells is that session's alone.
func TestALifeThatAnAnswerTells(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.process()
		must(t, m.send(l, request{session: "", Pace: atOnce, feedback: Feedback{Session: "1", Life: finalLife}}))
		must(t, m.send(l, request{session: "2", Pace: atOnce}))
		time.Sleep(2 * time.Minute)
		wantEnded(t, m.send(l, request{session: "1", Pace: atOnce}), "2m after its last request")
		must(t, m.send(l, request{session: "2", Pace: atOnce}))
	})
}

// A damaged record does not say whether the end has come.
func TestADamagedFinalSessionIsDead(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		must(t, m.send(m.final(), request{session: "1", Pace: atOnce}))
		m.damage(sessions)
		wantEnded(t, m.send(m.final(), request{session: "1", Pace: atOnce}), "")
		m.wantTold("session", "1")
	})
}

func TestGravesAreBounded(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.final()
		at, one := graveOf("1")
		full := &graveRecord{Graves: make([]grave, maxGraves)}
		full.Graves[0], full.Graves[1] = one, grave{1, 1}
		must(t, l.edit(t.Context(), at, &graveRecord{}, func(found) action { return keep }))
		must(t, l.store.edit(t.Context(), edit{refs: []ref{at}, f: func([][]byte) []change {
			return []change{l.change(at, full, l.clock.now(), save)}
		}}))
		if there, err := l.buried("1"); !there || err != nil {
			t.Fatal(there, err)
		}
		for i := range 1000 {
			id := string(rune('a' + i))
			if other, _ := graveOf(id); other == at {
				must(t, l.bury(id))
				if there, err := l.buried(id); !there || err != nil {
					t.Error(there, err)
				}
			}
		}
		if there, err := l.buried("1"); there || err != nil {
			t.Error("the oldest is still there", err)
		}
	})
}

// A session keeps the region of its first request, where it named one or none.
func TestASessionKeepsItsRegion(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		in := func(id, region string) error {
			return m.send(m.final(), request{session: id, Pace: Pace{Patience: NoLimit, Region: region}})
		}
		must(t, in("1", "DE"))
		must(t, in("1", "DE"))
		must(t, in("1", ""))
		if other := wantErr[*RegionError](t, in("1", "FR")); other.Has != "DE" || other.Asked != "FR" {
			t.Errorf("%v", other)
		}
		must(t, in("2", ""))
		wantErr[*RegionError](t, in("2", "DE"))
		if n := len(m.sent()); n != 4 {
			t.Errorf("%d requests were sent", n)
		}
	})
}
