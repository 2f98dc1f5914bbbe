package ledger

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// Sessions whose keys merge, while requests are reserved on all of them, from
// several processes: nothing may be lost, and nobody may wait for anybody.
func TestMergingUnderLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const all = 8
	var wg sync.WaitGroup
	for p := range 4 {
		l := openTest(t, dir)
		wg.Go(func() {
			for i := range all {
				id := fmt.Sprint((i + p) % all)
				if _, err := l.Reserve(id, Pace{Delay: time.Hour, Patience: NoLimit}); err != nil { // it stays open
					t.Error(err)
					return
				}
				if err := l.Learn(map[string]string{id: fmt.Sprint("192.0.2.", i%2)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	l := openTest(t, dir)
	for id := range all {
		must(t, l.Learn(map[string]string{fmt.Sprint(id): "192.0.2.0"}))
	}
	queued := map[reservation]bool{}
	for _, ip := range []string{"192.0.2.0", "192.0.2.1"} {
		s := newIPRecord()
		_, err := l.view(ref{ipRecords, keyOfIP(ip)}, &s)
		must(t, err)
		for _, p := range s.Queue {
			if queued[p] {
				t.Errorf("%v stands in two queues", p)
			}
			queued[p] = true
		}
	}
	if len(queued) != 4*all {
		t.Errorf("%d reservations are left of %d", len(queued), 4*all)
	}
}

func TestAKilledMergeLosesNothing(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.process()
		m.spawn(request{who: 1, session: "1", Pace: anyWait})
		m.spawn(request{who: 2, session: "1", Pace: anyWait})
		time.Sleep(time.Second)
		must(t, l.merge(keyOfID("1"), keyOfIP("192.0.2.1"))) // and killed before the session is told
		m.spawn(request{who: 3, session: "1", Pace: anyWait})
		must(t, l.Add(Session{ID: "2", IP: "192.0.2.1"}))
		time.Sleep(time.Second)
		m.spawn(request{who: 4, session: "2", Pace: anyWait})
		time.Sleep(time.Hour)
		m.wantSent(event{1, 0}, event{2, 12 * time.Second}, event{3, 24 * time.Second}, event{4, 36 * time.Second})
	})
}

func TestAliasesThatGoInCirclesAreAnError(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l := m.process()
		for from, to := range map[string]string{"id 1": "ip a", "ip a": "id 1"} {
			var s ipRecord
			err := l.edit(t.Context(), ref{ipRecords, from}, &s, func(found) action {
				s.Alias = to
				return save
			})
			must(t, err)
		}
		_, err := l.Reserve("1", anyWait)
		wantErr[*StateError](t, err)
	})
}
