package ledger

import (
	"strings"
	"testing"
	"time"
)

// pass passes a gate, and gives how long that took.
func (m *machine) pass(g Gate, p Pace) time.Duration {
	m.t.Helper()
	began := time.Now()
	ticket, err := m.process().Pass(g, p)
	must(m.t, err)
	if ticket != nil {
		must(m.t, ticket.Enter(m.t.Context(), nil))
	}
	return time.Since(began)
}

func TestAGateWithoutADelayIsFree(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		for range 3 {
			if took := m.pass(KeyGate, atOnce); !m.near(took, 0) {
				t.Errorf("it took %v", took)
			}
		}
		if raw, err := m.process().store.peek(ref{ipRecords, string(KeyGate)}); err != nil || len(raw[0]) > 0 {
			t.Errorf("something was recorded: %v", err)
		}
	})
}

// A gate spaces what is sent, whoever sends it and in whatever session.
func TestAGateSpacesRequests(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		const gap = 200 * time.Millisecond
		for range 50 {
			go m.pass(KeyGate, Pace{Delay: gap, Patience: NoLimit})
		}
		time.Sleep(time.Second) // all of them queue
		m.pass(HostGate("other.test"), Pace{Delay: gap, Patience: NoLimit})
		began := time.Now()
		m.pass(KeyGate, Pace{Delay: gap, Patience: NoLimit})
		want := 50*gap - time.Second
		took := time.Since(began)
		if m.server != nil && took > want && took < 2*want {
			return // who must try again and again, among fifty, ends late, and the next counts from then
		}
		if !m.near(took, want) {
			t.Errorf("the 51st waited %v, want %v", took, want)
		}
	})
}

func TestAHeldGate(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		shop := HostGate("shop.test")
		_, err := m.process().Hold(shop, 30*time.Second, time.Second, time.Minute)
		must(t, err)
		if took := m.pass(HostGate("other.test"), atOnce); !m.near(took, 0) {
			t.Errorf("another host waited %v", took)
		}
		_, err = m.process().Pass(shop, Pace{Patience: 10 * time.Second})
		late := wantErr[*TooLate](t, err)
		if late.Gate != shop || !m.near(late.Wait, 30*time.Second) || !strings.HasPrefix(late.Error(), "no request to shop.test for another ") {
			t.Errorf("%v", late)
		}
		if took := m.pass(shop, atOnce); !m.near(took, 30*time.Second) {
			t.Errorf("it waited %v", took)
		}
		if took := m.pass(shop, atOnce); !m.near(took, 0) {
			t.Errorf("the next one waited %v", took)
		}
	})
}

// A hold is seen by those who wait at the gate already.
func TestAHoldReachesThoseWhoWait(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		_, err := m.process().Hold(KeyGate, 10*time.Second, time.Second, time.Minute)
		must(t, err)
		time.AfterFunc(5*time.Second, func() { _, _ = m.process().Hold(KeyGate, 20*time.Second, time.Second, time.Minute) })
		if took := m.pass(KeyGate, atOnce); !m.near(took, 25*time.Second) {
			t.Errorf("it waited %v", took)
		}
	})
}

func TestHoldsWithoutALengthDouble(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.process()
		hold := func(d, want time.Duration) {
			t.Helper()
			if got, err := l.Hold(KeyGate, d, 20*time.Second, time.Minute); err != nil || !m.near(got, want) {
				t.Errorf("held for %v, want %v (%v)", got, want, err)
			}
		}
		hold(0, 20*time.Second)
		time.Sleep(5 * time.Second)
		hold(0, 15*time.Second) // sent before the hold
		time.Sleep(16 * time.Second)
		hold(0, 40*time.Second)
		time.Sleep(41 * time.Second)
		hold(0, time.Minute)
		time.Sleep(61 * time.Second)
		hold(7*time.Second, 7*time.Second)
		time.Sleep(8 * time.Second)
		hold(0, 20*time.Second)
		time.Sleep(time.Hour)
		hold(0, 20*time.Second)
	})
}
