package ledger

import (
	"runtime"
	"testing"
	"time"
)

func TestSystemClockCountsFromBoot(t *testing.T) {
	t.Parallel()
	c := systemClock()
	a, b := c.now(), c.now()
	if b < a {
		t.Errorf("it goes back from %v to %v", a, b)
	}
	if runtime.GOOS == "linux" && (c.boot == 0 || c.boot != systemClock().boot) {
		t.Errorf("boot id %d, then %d", c.boot, systemClock().boot)
	}
	if got := time.Until(c.wall(c.now().add(time.Hour))).Round(time.Minute); got != time.Hour {
		t.Errorf("an hour from now is %v away", got)
	}
	if !c.wall(never).IsZero() {
		t.Errorf("never is %v", c.wall(never))
	}
}

func TestWhatARebootLeaves(t *testing.T) {
	t.Parallel()
	const hour = instant(time.Hour)
	for name, c := range map[string]struct {
		boot   uint64
		now    instant       // on the clock, after a record was written at 10 h
		passed time.Duration // on the wall
		want   time.Duration
	}{
		"no reboot":                     {1, 11 * hour, time.Hour, 0},
		"no reboot, wall clock set":     {1, 11 * hour, -9 * time.Hour, 0},
		"reboot":                        {2, 0, 20 * time.Minute, -10*time.Hour - 20*time.Minute},
		"reboot with a higher clock":    {2, 12 * hour, 20 * time.Minute, 2*time.Hour - 20*time.Minute},
		"reboot, wall clock set back":   {2, 0, -9 * time.Hour, -10 * time.Hour},
		"clock gone back, with no boot": {1, 9 * hour, 0, -time.Hour},
	} {
		inMemory(t, func(t *testing.T, _ *machine) {
			written := stamp{boot: 1, at: 10 * hour, wall: time.Now().Add(-c.passed).UnixNano()}
			clock := clock{now: func() instant { return c.now }, boot: c.boot}
			if got := clock.shift(written, c.now); got != c.want {
				t.Errorf("%s: shift %v, want %v", name, got, c.want)
			}
		})
	}
}

func TestAWaitGoesOnAfterAReboot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ step, want time.Duration }{
		"clock kept":     {0, 1000*time.Second - 10*time.Minute},
		"clock set back": {-48 * time.Hour, 1000 * time.Second},
		"a day later":    {24 * time.Hour, 0},
	} {
		inMemory(t, func(t *testing.T, m *machine) {
			l := m.process()
			must(t, l.Add(Session{ID: "42"}))
			must(t, m.send(l, request{session: "42", Pace: anyWait, feedback: Feedback{Postpone: 1000 * time.Second}}))
			_, err := l.Reserve("42", anyWait) // killed by the reboot
			must(t, err)
			m.restamp(ipRecords, c.step)
			time.Sleep(10 * time.Minute)
			booted := time.Now()
			after := newLedger(m.memory.attach(), Options{now: func() instant { return instant(time.Since(booted)) }})
			after.clock.boot = 2
			ticket, err := after.Reserve("42", anyWait)
			must(t, err)
			defer ticket.Cancel()
			if ticket.Wait() != c.want {
				t.Errorf("%s: %v to wait, want %v", name, ticket.Wait(), c.want)
			}
		})
	}
}

// restamp pretends that records were written on a wall clock that has since been
// set forward by step.
func (m *machine) restamp(k kind, step time.Duration) {
	m.each(k, func(raw []byte) []byte {
		s := newIPRecord()
		key, at, err := decodeRecord(raw, &s)
		must(m.t, err)
		at.wall -= int64(step)
		return encodeRecord(key, at, &s)
	})
}
