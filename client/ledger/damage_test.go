package ledger

import (
	"bytes"
	"context"
	"testing"
	"time"
)

// damage flips a bit of each record of a kind.
func (m *machine) damage(k kind) {
	m.each(k, func(raw []byte) []byte {
		raw = bytes.Clone(raw)
		raw[len(raw)/2] ^= 0x10
		return raw
	})
}

func (m *machine) wantTold(kind, name string) {
	m.t.Helper()
	for _, err := range m.told {
		if d, ok := err.(*Damage); ok && d.Kind == kind && d.Name == name {
			return
		}
	}
	m.t.Errorf("nobody was told of the %s %q: %v", kind, name, m.told)
}

func TestADamagedSlotWasUsedJustNow(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		m.spawn(request{who: 1, session: "42", Pace: anyWait})
		m.spawn(request{who: 2, session: "42", Pace: anyWait})
		m.spawn(request{who: 3, session: "42", Pace: anyWait})
		time.Sleep(5*time.Second + 1)
		m.damage(ipRecords)
		time.Sleep(time.Hour)
		m.wantSent(event{1, 0}, event{2, 18 * time.Second}, event{3, 30 * time.Second}) // seen at their next look
		m.wantTold("slot", "id 42")
		if n := len(m.told); n != 1 {
			t.Errorf("told %d times", n)
		}
	})
}

func TestADamagedSessionWasUsedJustNow(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.process()
		must(t, m.send(l, request{who: 1, session: "42", Pace: anyWait, feedback: Feedback{IP: "192.0.2.1"}}))
		time.Sleep(time.Hour)
		m.damage(sessions)
		must(t, m.send(l, request{who: 2, session: "42", Pace: anyWait}))
		m.wantSent(event{1, 0}, event{2, time.Hour + 12*time.Second})
		m.wantTold("session", "42")
	})
}

func TestADamagedNameIsBoundAnew(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l, k := m.process(), &maker{}
		for _, want := range []string{"s1", "s2"} {
			if id, _, err := l.Bind(t.Context(), Binding{Name: "shop", Delay: delay, Wait: patient}, k.create); id != want || err != nil {
				t.Errorf("bound to %q, %v", id, err)
			}
			m.damage(names)
			if _, ok, err := l.Lookup("shop"); ok || err != nil {
				t.Errorf("found a damaged name, %v", err)
			}
		}
		m.wantTold("name", "shop")
	})
}

func TestDamagedNotesOfUseMeanUse(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.process()
		if needs, err := l.NeedsIP("1", delay); needs || err != nil {
			t.Errorf("needs %v, %v", needs, err)
		}
		m.damage(recents)
		time.Sleep(2 * minSlack) // until then the process goes by what it read
		if needs, err := l.NeedsIP("1", delay); !needs || err != nil {
			t.Errorf("needs %v, %v", needs, err)
		}
	})
}

func TestOtherDamageIsHarmless(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l, calls := m.process(), 0
		for range 3 {
			must(t, l.Once(t.Context(), "list", patient, func(ctx context.Context) error { calls++; return nil }))
			must(t, m.send(l, request{session: "42", Pace: Pace{Patience: NoLimit}}))
			m.damage("calls")
			m.damage(sessions)
			_, err := l.Sessions()
			must(t, err)
			_, _, err = l.Session("42")
			must(t, err)
		}
		if calls != 3 {
			t.Errorf("called %d times", calls)
		}
	})
}
