package ledger

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestSessionsShowWhatIsKnown(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.process()
		must(t, l.Add(Session{ID: "7", IP: "192.0.2.7", Name: "shop"}))
		must(t, l.Add(Session{ID: "10"}))
		created := time.Now()
		time.Sleep(time.Minute)
		must(t, m.send(l, request{session: "7", Pace: anyWait, latency: 100 * time.Millisecond}))
		must(t, m.send(l, request{session: "foreign", Pace: anyWait}))
		must(t, l.Add(Session{ID: "7"})) // loses nothing
		used := time.Now()
		ticket, err := l.Reserve("7", anyWait)
		must(t, err)
		defer ticket.Cancel()
		must(t, l.MarkDead("10"))

		got, err := l.Sessions()
		must(t, err)
		slices.SortFunc(got, func(a, b Session) int { return strings.Compare(a.ID, b.ID) })
		want := []Session{
			{ID: "10", Mine: true, Created: created, ExpiresAt: created.Add(30 * time.Minute), Dead: true},
			{
				ID: "7", IP: "192.0.2.7", Name: "shop", Mine: true, Created: created, LastUsed: used, Requests: 1,
				ReadyAt: used.Add(24 * time.Second), ExpiresAt: used.Add(30 * time.Minute), InUse: true,
			},
			{
				ID: "foreign", LastUsed: used, Requests: 1, ReadyAt: used.Add(12 * time.Second),
				ExpiresAt: used.Add(30 * time.Minute),
			},
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateApproxTime(slop)); diff != "" {
			t.Error(diff)
		}
		one, ok, err := l.Session("7")
		if diff := cmp.Diff(want[1], one, cmpopts.EquateApproxTime(slop)); err != nil || !ok || diff != "" {
			t.Error(ok, err, diff)
		}
		if _, ok, err := l.Session("none"); ok || err != nil {
			t.Errorf("an unknown session: %v, %v", ok, err)
		}
	})
}

func TestExpiryFollowsTheShorterLimit(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.open(Options{Life: Life{Idle: 10 * time.Minute}})
		must(t, l.Add(Session{ID: "1"}))
		wantExpiry := func(want time.Duration) {
			t.Helper()
			if s, _, err := l.Session("1"); err != nil || !m.near(s.ExpiresAt.Sub(m.began), want) {
				t.Errorf("expires after %v, want %v (%v)", s.ExpiresAt.Sub(m.began), want, err)
			}
		}
		wantExpiry(10 * time.Minute)
		zyte := Feedback{Life: Life{Idle: 2 * time.Minute, Age: 15 * time.Minute, Final: true}}
		must(t, m.send(l, request{session: "1", Pace: anyWait, feedback: zyte}))
		wantExpiry(2 * time.Minute)
		for range 14 {
			time.Sleep(time.Minute)
			must(t, m.send(l, request{session: "1", Pace: anyWait}))
		}
		wantExpiry(15 * time.Minute)
	})
}

func TestAddWantsAnID(t *testing.T) {
	t.Parallel()
	if err := NewMemory(Options{}).Add(Session{}); err == nil {
		t.Error("a session without an id was recorded")
	}
}

func TestAnIDThatIsGivenOutAgainStartsAnew(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.process()
		must(t, m.send(l, request{session: "1", Pace: anyWait, feedback: Feedback{IP: "192.0.2.1"}}))
		must(t, l.MarkDead("1"))
		must(t, l.Add(Session{ID: "1"}))
		s, ok, err := l.Session("1")
		if err != nil || !ok || s.Dead || s.Requests != 0 || s.IP != "" || !s.Mine {
			t.Errorf("%+v, %v, %v", s, ok, err)
		}
	})
}

func TestASessionThatAnswersIsNotDead(t *testing.T) {
	t.Parallel()
	for name, forget := range map[string]bool{"dead": false, "forgotten": true} {
		bubble(t, func(t *testing.T, m *machine) {
			l := m.process()
			must(t, l.Add(Session{ID: "1"}))
			must(t, l.MarkDead("1"))
			if forget {
				must(t, l.Forget("1"))
			}
			must(t, m.send(l, request{session: "1", Pace: anyWait, feedback: Feedback{Session: "1"}}))
			if s, ok, err := l.Session("1"); err != nil || !ok || s.Dead || s.Requests != 1 {
				t.Errorf("%s: %+v, %v, %v", name, s, ok, err)
			}
		})
	}
}

func TestASessionDeletedMeanwhileStaysForgotten(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.process()
		ticket, err := l.Reserve("1", anyWait)
		must(t, err)
		must(t, ticket.Start(t.Context(), nil))
		must(t, l.End("1"))
		must(t, ticket.Done(Feedback{Session: "1"}))
		if s, ok, err := l.Session("1"); ok || err != nil {
			t.Errorf("%+v, %v", s, err)
		}
	})
}

func TestTheUnknownIsNotCreatedToBeForgotten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openTest(t, dir)
	must(t, l.MarkDead("1"))
	must(t, l.Forget("2"))
	must(t, l.Learn(map[string]string{"3": "192.0.2.3"}))
	if names, err := fileNames(filepath.Join(dir, string(sessions))); err != nil || len(names) > 0 {
		t.Errorf("created: %v, %v", names, err)
	}
}

func TestWhatIsLongOverIsClearedAway(t *testing.T) {
	t.Parallel()
	inMemory(t, func(t *testing.T, m *machine) {
		l := m.process()
		for _, id := range []string{"old", "held", "deleted"} {
			must(t, m.send(l, request{session: id, Pace: anyWait}))
		}
		must(t, l.Add(Session{ID: "named", Name: "shop"}))
		must(t, l.End("deleted"))
		release, err := m.process().Use("held")
		must(t, err)
		defer release()
		records := func() []string {
			_, err := l.Sessions()
			must(t, err)
			var ids []string
			for _, k := range []kind{sessions, ipRecords} {
				m.each(k, func(raw []byte) []byte {
					var b body = &sessionRecord{}
					if k == ipRecords {
						b = &ipRecord{}
					}
					key, _, err := decodeRecord(raw, b)
					must(t, err)
					ids = append(ids, string(k)+" "+key)
					return raw
				})
			}
			slices.Sort(ids)
			return ids
		}
		all := []string{
			"sessions deleted", "sessions held", "sessions named", "sessions old",
			"slots id deleted", "slots id held", "slots id old",
		}
		time.Sleep(time.Hour)
		if diff := cmp.Diff(all, records()); diff != "" {
			t.Errorf("after an hour: %s", diff)
		}
		time.Sleep(24 * time.Hour)
		left := []string{"sessions held", "sessions named"}
		if diff := cmp.Diff(left, records()); diff != "" {
			t.Errorf("after a day: %s", diff)
		}
	})
}

func TestNeedsIP(t *testing.T) {
	t.Parallel()
	const delay = 12 * time.Second
	use := func(l *Ledger, id string) error {
		ticket, err := l.Reserve(id, Pace{Delay: delay, Patience: NoLimit})
		if err == nil {
			ticket.Cancel()
		}
		return err
	}
	for name, c := range map[string]struct {
		before func(l *Ledger) error
		pause  time.Duration
		delay  time.Duration
		want   bool
	}{
		"nothing was used":         {func(*Ledger) error { return nil }, 0, delay, false},
		"itself was used":          {func(l *Ledger) error { return use(l, "1") }, 0, delay, false},
		"another was":              {func(l *Ledger) error { return use(l, "2") }, 0, delay, true},
		"another was long ago":     {func(l *Ledger) error { return use(l, "2") }, delay + minSlack, delay, false},
		"another was, no delay":    {func(l *Ledger) error { return use(l, "2") }, 0, 0, false},
		"another is about to be":   {func(l *Ledger) error { _, err := l.NeedsIP("2", delay); return err }, 0, delay, true},
		"another was, then itself": {func(l *Ledger) error { return errors.Join(use(l, "2"), use(l, "1")) }, 0, delay, true},
		"its IP is known":          {func(l *Ledger) error { _ = l.Add(Session{ID: "1", IP: "192.0.2.1"}); return use(l, "2") }, 0, delay, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, m *machine) {
				must(t, c.before(m.process()))
				time.Sleep(c.pause)
				got, err := m.process().NeedsIP("1", c.delay)
				if err != nil || got != c.want {
					t.Errorf("got %v, %v", got, err)
				}
			})
		})
	}
}

func TestACreatedSessionCountsAsUsed(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.process()
		must(t, m.send(l, request{Pace: anyWait, feedback: Feedback{Session: "new"}}))
		if needs, err := l.NeedsIP("1", delay); err != nil || !needs {
			t.Errorf("got %v, %v", needs, err)
		}
	})
}

func TestNeedsIPOnlyBeforeTheFirstRequest(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.process()
		must(t, m.send(l, request{session: "1", Pace: anyWait}))
		must(t, m.send(l, request{session: "2", Pace: anyWait}))
		if needs, err := l.NeedsIP("1", 12*time.Second); err != nil || needs {
			t.Errorf("got %v, %v", needs, err)
		}
	})
}
