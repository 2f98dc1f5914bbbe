package ledger

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestFiftyProcessesGoOutADelayApart(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		var want []event
		for i := range m.many(50) {
			m.spawn(request{who: i, session: "42", Pace: anyWait})
			want = append(want, event{i, time.Duration(i) * 12 * time.Second})
		}
		time.Sleep(time.Hour)
		m.wantSent(want...)
	})
}

func TestNextStartsADelayAfterTheAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ latency, next time.Duration }{
		"quick":                 {50 * time.Millisecond, 12050 * time.Millisecond},
		"slower than A":         {5 * time.Second, 12120 * time.Millisecond},
		"just within the delay": {12*time.Second - slop, 12120 * time.Millisecond},
		"beyond the delay":      {12*time.Second + 1, 24*time.Second + 1},
		"very late":             {100 * time.Second, 112 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, m *machine) {
				m.spawn(request{who: 1, session: "42", Pace: anyWait, latency: c.latency})
				m.spawn(request{who: 2, session: "42", Pace: anyWait})
				time.Sleep(time.Hour)
				m.wantSent(event{1, 0}, event{2, c.next})
			})
		})
	}
}

func TestDeadProcessCostsItsSlotAtMost(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		dead := m.process()
		ticket, err := dead.Reserve("42", anyWait)
		must(t, err)
		must(t, ticket.Start(t.Context(), nil)) // sent, and then killed
		waiter := m.process()
		_, err = waiter.Reserve("42", anyWait) // killed while it waits
		must(t, err)
		m.spawn(request{who: 3, session: "42", Pace: anyWait})
		must(t, dead.Close())
		must(t, waiter.Close())
		time.Sleep(time.Hour)
		if m.server != nil {
			m.wantSent(event{3, m.sent()[0].at}) // when the lease of the dead has ended
			if at := m.sent()[0].at; at > leaseTime+maxNap+slop {
				t.Errorf("sent after %v", at)
			}
			return
		}
		m.wantSent(event{3, 12120 * time.Millisecond})
	})
}

func TestStoppedProcessGoesNextWhenItIsBack(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		stopped, err := m.process().Reserve("42", anyWait)
		must(t, err)
		for i := range 4 {
			m.spawn(request{who: i + 2, session: "42", Pace: anyWait})
		}
		time.Sleep(30 * time.Second) // 2 and 3 have gone, at 12 and 24 s
		must(t, m.finish(stopped, request{who: 1}))
		time.Sleep(time.Hour)
		m.wantSent(event{2, 12 * time.Second}, event{3, 24 * time.Second},
			event{1, 36 * time.Second}, event{4, 48 * time.Second}, event{5, 60 * time.Second})
	})
}

func TestAllStoppedAndContinued(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		var tickets []*Ticket
		for range 10 {
			ticket, err := m.process().Reserve("42", anyWait)
			must(t, err)
			tickets = append(tickets, ticket)
		}
		time.Sleep(100 * time.Second)
		for i, ticket := range tickets {
			go m.finish(ticket, request{who: i})
		}
		time.Sleep(time.Hour)
		sent := m.sent()
		if len(sent) != 10 || !m.near(sent[9].at, 208*time.Second) {
			t.Errorf("sent: %v", sent)
		}
		for i, e := range sent[1:] {
			if e.at-sent[i].at < 12*time.Second {
				t.Errorf("%v follows %v", e, sent[i])
			}
		}
	})
}

func TestPostponementHoldsEverybodyAsleep(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		m.spawn(request{
			who: 0, session: "42", Pace: anyWait, latency: 100 * time.Millisecond,
			feedback: Feedback{Postpone: 300 * time.Second},
		})
		want := []event{{0, 0}}
		for i := range m.many(30) {
			m.spawn(request{who: i + 1, session: "42", Pace: anyWait})
			want = append(want, event{i + 1, 300100*time.Millisecond + time.Duration(i)*12*time.Second})
		}
		time.Sleep(time.Hour)
		m.wantSent(want...)
	})
}

// The first answer of a session names its IP, and may postpone it as well.
func TestPostponementOfAnIPThatWasUnknown(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		m.spawn(request{who: 1, session: "42", Pace: anyWait, feedback: Feedback{IP: "192.0.2.1", Postpone: 300 * time.Second}})
		m.spawn(request{who: 2, session: "42", Pace: anyWait})
		time.Sleep(time.Hour)
		m.wantSent(event{1, 0}, event{2, 300 * time.Second})
	})
}

func TestPostponementIsBelievedUpToAThousandSeconds(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		m.spawn(request{who: 1, session: "42", Pace: anyWait, feedback: Feedback{Postpone: 90 * time.Hour}})
		m.spawn(request{who: 2, session: "42", Pace: anyWait, feedback: Feedback{Postpone: -time.Hour}})
		m.spawn(request{who: 3, session: "42", Pace: anyWait})
		time.Sleep(time.Hour)
		m.wantSent(event{1, 0}, event{2, 1000 * time.Second}, event{3, 1012 * time.Second})
	})
}

func TestDeadSessionStopsThoseAsleep(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		errs := make(chan error, 30)
		for i := range 30 {
			go func() { errs <- m.send(m.process(), request{who: i, session: "42", Pace: anyWait}) }()
		}
		time.Sleep(13 * time.Second)
		must(t, m.process().MarkDead("42"))
		time.Sleep(m.patience()) // no need to wait for the slots
		synctest.Wait()
		dead := 0
		for range len(errs) {
			if errors.Is(<-errs, ErrSessionDead) {
				dead++
			}
		}
		if dead != 28 || len(m.sent()) != 2 {
			t.Errorf("%d gave up, %d were sent; want 28 and 2", dead, len(m.sent()))
		}
		must(t, m.send(m.process(), request{who: 99, session: "42", Pace: anyWait})) // asks the service again
	})
}

func TestForgettingStopsOnlyThoseOfADeadSession(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.process()
		for _, id := range []string{"deleted", "forgotten"} {
			must(t, m.send(l, request{session: id, Pace: anyWait}))
		}
		deleted, err := l.Reserve("deleted", anyWait)
		must(t, err)
		forgotten, err := l.Reserve("forgotten", anyWait)
		must(t, err)
		must(t, l.End("deleted"))
		must(t, l.Forget("forgotten"))
		if err := deleted.Start(t.Context(), nil); !errors.Is(err, ErrSessionDead) {
			t.Errorf("deleted: %v", err)
		}
		if err := forgotten.Start(t.Context(), nil); err != nil {
			t.Errorf("forgotten: %v", err)
		}
		must(t, forgotten.Done(Feedback{}))
		all, err := l.Sessions()
		must(t, err)
		for _, s := range all {
			if s.ID == "deleted" {
				t.Errorf("still listed: %+v", s)
			}
		}
	})
}

func TestMaxWaitIsCheckedWhenReserving(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.process()
		must(t, l.Add(Session{ID: "42", IP: "192.0.2.1"}))
		must(t, m.send(l, request{who: 1, session: "42", Pace: anyWait}))
		_, err := l.Reserve("42", Pace{Delay: 12 * time.Second, Patience: 12*time.Second - slop})
		late := wantErr[*TooLate](t, err)
		if !m.near(late.Wait, 12*time.Second) || late.Session != "42" {
			t.Errorf("%+v", late)
		}
		_, err = l.Reserve("42", Pace{Delay: 12 * time.Second}) // --no-wait
		wantErr[*TooLate](t, err)
		must(t, m.send(l, request{who: 2, session: "42", Pace: Pace{Delay: 12 * time.Second, Patience: 12*time.Second + slop}}))
		m.wantSent(event{1, 0}, event{2, 12 * time.Second}) // no reservation was left
	})
}

func TestMaxWaitIsCheckedAfterAPostponement(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		m.spawn(request{
			who: 1, session: "42", Pace: anyWait, latency: 6 * time.Second,
			feedback: Feedback{Postpone: 60 * time.Second},
		})
		err := m.send(m.process(), request{who: 2, session: "42", Pace: Pace{Delay: 12 * time.Second, Patience: 20 * time.Second}})
		if late := wantErr[*TooLate](t, err); late.Wait < time.Minute-m.patience() {
			t.Errorf("%+v", late)
		}
		if at := m.since(); at > 6*time.Second+m.patience() {
			t.Errorf("told after %v, not at its next look", at)
		}
		must(t, m.send(m.process(), request{who: 3, session: "42", Pace: anyWait}))
		m.wantSent(event{1, 0}, event{3, 66 * time.Second})
	})
}

// A neighbour that never answers is told apart from a slot that is far away, and so is
// how long was waited for it.
func TestMaxWaitBehindAStoppedNeighbour(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		stopped, err := m.process().Reserve("42", anyWait)
		must(t, err)
		must(t, stopped.Start(t.Context(), nil))
		l := m.process()
		_, err = l.Reserve("42", Pace{Delay: 12 * time.Second, Patience: time.Second})
		if late := wantErr[*TooLate](t, err); late.Unanswered || late.Waited != 0 {
			t.Errorf("within the delay: %+v", late)
		}
		err = m.send(l, request{who: 2, session: "42", Pace: Pace{Delay: 12 * time.Second, Patience: 20 * time.Second}})
		late := wantErr[*TooLate](t, err)
		if !late.Unanswered || late.Waited < 12*time.Second || late.Waited+late.Wait <= 20*time.Second {
			t.Errorf("behind it: %+v", late)
		}
		_, err = l.Reserve("42", Pace{Delay: 12 * time.Second, Patience: time.Second})
		if late := wantErr[*TooLate](t, err); !late.Unanswered {
			t.Errorf("later: %+v", late)
		}
	})
}

func TestMaxWaitForgivesDrift(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		m.spawn(request{who: 1, session: "42", Pace: anyWait, latency: 100 * time.Millisecond})
		must(t, m.send(m.process(), request{who: 2, session: "42", Pace: Pace{Delay: 12 * time.Second, Patience: 12 * time.Second}}))
		m.wantSent(event{1, 0}, event{2, 12100 * time.Millisecond})
	})
}

func TestCancelGivesTheReservationBack(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		m.spawn(request{who: 1, session: "42", Pace: anyWait})
		ticket, err := m.process().Reserve("42", anyWait)
		must(t, err)
		m.spawn(request{who: 3, session: "42", Pace: anyWait})
		time.Sleep(time.Second)
		ticket.Cancel()
		ticket.Cancel()
		if err := ticket.Start(t.Context(), nil); err == nil {
			t.Error("a cancelled ticket started")
		}
		time.Sleep(time.Hour)
		m.wantSent(event{1, 0}, event{3, 12 * time.Second})
	})
}

func TestCancelAfterStartIsAnAnswer(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.process()
		ticket, err := l.Reserve("42", anyWait)
		must(t, err)
		must(t, ticket.Start(t.Context(), nil))
		time.Sleep(20 * time.Second)
		ticket.Cancel()
		must(t, m.send(l, request{who: 2, session: "42", Pace: anyWait}))
		m.wantSent(event{2, 32 * time.Second})
	})
}

// An answer names an IP whose record is locked for too long. Its request has ended all
// the same: those behind it keep their delay to it, and do not wait for ever.
func TestAnswerCountsWhereSlotsCannotBeMerged(t *testing.T) {
	t.Parallel()
	inMemory(t, func(t *testing.T, m *machine) {
		l := m.process()
		ticket, err := l.Reserve("42", anyWait)
		must(t, err)
		must(t, ticket.Start(t.Context(), nil))
		locked, err := m.process().store.guard(t.Context(), ref{ipRecords, keyOfIP("192.0.2.1")})
		must(t, err)
		wantErr[*StateError](t, ticket.Done(Feedback{IP: "192.0.2.1"}))
		locked.release()
		must(t, m.send(l, request{who: 2, session: "42", Pace: Pace{Delay: 12 * time.Second, Patience: time.Minute}}))
		m.wantSent(event{2, 12 * time.Second})
	})
}

func TestContextEndsAWait(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.process()
		must(t, m.send(l, request{session: "42", Pace: anyWait}))
		ticket, err := l.Reserve("42", anyWait)
		must(t, err)
		defer ticket.Cancel()
		stop := errors.New("stop")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(3*time.Second, func() { cancel(stop) })
		if err := ticket.Start(ctx, nil); err != stop {
			t.Errorf("error is %v", err)
		}
		if !m.near(ticket.Waited(), 3*time.Second) || !m.near(ticket.Wait(), 9*time.Second) {
			t.Errorf("waited %v, %v left", ticket.Waited(), ticket.Wait())
		}
	})
}

func TestSleepReturnsBeforeTheSlot(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.process()
		must(t, m.send(l, request{session: "42", Pace: anyWait}))
		ticket, err := l.Reserve("42", anyWait)
		must(t, err)
		defer ticket.Cancel()
		var told []time.Duration
		must(t, ticket.Sleep(t.Context(), 500*time.Millisecond, func(left time.Duration) { told = append(told, left) }))
		if !m.near(m.since(), 11500*time.Millisecond) {
			t.Errorf("slept until %v", m.since())
		}
		if len(told) != 12 || !m.near(told[0], 12*time.Second) || !m.near(told[11], time.Second) {
			t.Errorf("progress: %v", told)
		}
		must(t, ticket.Start(t.Context(), nil))
		if !m.near(m.since(), 12*time.Second) || !m.near(ticket.Waited(), 12*time.Second) {
			t.Errorf("started at %v after waiting %v", m.since(), ticket.Waited())
		}
	})
}

func TestUnpacedGoesNowAndIsRecorded(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		m.spawn(request{who: 1, session: "42", Pace: anyWait})
		m.spawn(request{who: 2, session: "42", Pace: anyWait})
		time.Sleep(6 * time.Second)
		m.spawn(request{who: 3, session: "42", Pace: Pace{Delay: 12 * time.Second, Unpaced: true}})
		time.Sleep(time.Hour)
		m.wantSent(event{1, 0}, event{3, 6 * time.Second}, event{2, 18 * time.Second})
	})
}

func TestNoDelayBlocksNothing(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		for i := range 100 {
			m.spawn(request{who: i, session: "42", Pace: Pace{Patience: NoLimit}, latency: time.Minute})
		}
		time.Sleep(slop) // reservations are told apart by nanoseconds, or by the time that a server takes
		if n := len(m.sent()); n != 100 {
			t.Errorf("%d were sent", n)
		}
		time.Sleep(2 * time.Minute)
	})
}

func TestAnIPIsSharedByItsSessions(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.process()
		must(t, l.Add(Session{ID: "1", IP: "192.0.2.1"}))
		must(t, l.Add(Session{ID: "2", IP: "192.0.2.1"}))
		must(t, l.Add(Session{ID: "3", IP: "192.0.2.3"}))
		for i, id := range []string{"1", "2", "3"} {
			m.spawn(request{who: i + 1, session: id, Pace: anyWait})
			synctest.Wait()
		}
		time.Sleep(time.Minute)
		m.wantSent(event{1, 0}, event{3, 0}, event{2, 12 * time.Second})
	})
}

func TestSleepersMoveToTheIPThatIsLearnt(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		m.spawn(request{who: 1, session: "1", Pace: anyWait})
		m.spawn(request{who: 2, session: "2", Pace: anyWait, latency: time.Second, feedback: Feedback{IP: "192.0.2.1"}})
		synctest.Wait() // both went at once: nobody knew
		for who, id := range map[int]string{3: "1", 4: "2", 5: "1"} {
			time.AfterFunc(time.Duration(who)*time.Millisecond, func() { m.spawn(request{who: who, session: id, Pace: anyWait}) })
		}
		time.Sleep(2 * time.Second)
		must(t, m.process().Learn(map[string]string{"1": "192.0.2.1", "unknown": "192.0.2.1"}))
		time.Sleep(time.Hour)
		sent := m.sent()
		if len(sent) != 5 {
			t.Fatalf("sent: %v", sent)
		}
		sent = sent[2:]
		for i, want := range []event{{3, 12120 * time.Millisecond}, {4, 24120 * time.Millisecond}, {5, 36120 * time.Millisecond}} {
			if sent[i].who != want.who || !m.near(sent[i].at, want.at) {
				t.Errorf("%v, want %v", sent[i], want)
			}
		}
		if _, ok, _ := m.process().Session("unknown"); ok {
			t.Error("an unknown session was recorded")
		}
	})
}

func TestASessionThatMovedIsPacedWhereItWent(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.process()
		must(t, l.Add(Session{ID: "1", IP: "192.0.2.1"}))
		must(t, l.Add(Session{ID: "2", IP: "192.0.2.2"}))
		m.spawn(request{
			who: 1, session: "1", Pace: anyWait, latency: 100 * time.Millisecond,
			feedback: Feedback{IP: "192.0.2.2", Postpone: 30 * time.Second},
		})
		m.spawn(request{who: 2, session: "1", Pace: anyWait})
		time.Sleep(time.Second)
		m.spawn(request{who: 3, session: "2", Pace: anyWait})
		time.Sleep(time.Hour)
		m.wantSent(event{1, 0}, event{2, 30100 * time.Millisecond}, event{3, 42100 * time.Millisecond})
	})
}

func TestARequestWithoutSessionIsRecordedWhereItWent(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.process()
		must(t, l.Add(Session{ID: "1", IP: "192.0.2.1"}))
		must(t, m.send(l, request{who: 1, Pace: anyWait, feedback: Feedback{IP: "192.0.2.1"}}))
		must(t, m.send(l, request{who: 2, Pace: anyWait, feedback: Feedback{IP: "192.0.2.1", Session: "new"}}))
		must(t, m.send(l, request{who: 3, session: "new", Pace: anyWait}))
		must(t, m.send(l, request{who: 4, session: "1", Pace: anyWait}))
		m.wantSent(event{1, 0}, event{2, 0}, event{3, 12 * time.Second}, event{4, 24 * time.Second})
		s, ok, err := l.Session("new")
		if err != nil || !ok || !s.Mine || s.Requests != 2 || s.IP != "192.0.2.1" {
			t.Errorf("%+v, %v, %v", s, ok, err)
		}
	})
}

func TestFeedbackWithNonsenseForAnIP(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.process()
		for _, ip := range []string{"a b", "\x1b[31m", string(make([]byte, 300))} {
			must(t, m.send(l, request{session: "1", Pace: Pace{Patience: NoLimit}, feedback: Feedback{IP: ip}}))
		}
		if s, _, _ := l.Session("1"); s.IP != "" || s.Requests != 3 {
			t.Errorf("%+v", s)
		}
	})
}
