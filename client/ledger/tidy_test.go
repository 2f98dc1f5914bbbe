package ledger

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// records counts what the memory holds of a kind.
func (m *machine) records(k kind) int {
	n := 0
	m.each(k, func(raw []byte) []byte {
		n++
		return raw
	})
	return n
}

// A loop that makes sessions and lists none leaves no more behind than it needs.
func TestWhoeverAddsSessionsTidies(t *testing.T) {
	t.Parallel()
	for name, use := range map[string]func(m *machine, l *Ledger, i int){
		"deleted": func(m *machine, l *Ledger, i int) {
			id := fmt.Sprint(i)
			must(m.t, l.Add(Session{ID: id, IP: "192.0.2." + id}))
			must(m.t, m.send(l, request{session: id, Pace: Pace{Patience: NoLimit}}))
			must(m.t, l.End(id))
		},
		"left to expire": func(m *machine, l *Ledger, i int) {
			must(m.t, l.Add(Session{ID: fmt.Sprint(i)}))
		},
		"named": func(m *machine, l *Ledger, i int) {
			_, _, err := l.Bind(m.t.Context(), Binding{Name: fmt.Sprint("n", i)}, func(context.Context) (Session, error) {
				return Session{ID: fmt.Sprint(i)}, nil
			})
			must(m.t, err)
		},
		"and hosts held back": func(m *machine, l *Ledger, i int) {
			_, err := l.Hold(HostGate(fmt.Sprint("h", i)), 0, time.Minute, time.Hour)
			must(m.t, err)
			must(m.t, l.Add(Session{ID: fmt.Sprint(i)}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, m *machine) {
				l := m.process()
				most := 0
				for i := range m.many(1000) {
					use(m, l, i)
					time.Sleep(time.Hour) // so that at most 169 are remembered at any time
					if n := m.records(sessions) + m.records(ipRecords) + m.records(names) + m.records(holds); i > m.many(600) {
						most = max(most, n)
					}
				}
				if most > 1200 {
					t.Errorf("%d records were left", most)
				}
			})
		})
	}
}

func TestTidyingSparesWhatIsNeeded(t *testing.T) {
	t.Parallel()
	inMemory(t, func(t *testing.T, m *machine) {
		l := m.process()
		_, _, err := l.Bind(t.Context(), Binding{Name: "shop"}, (&maker{}).create)
		must(t, err)
		must(t, l.Add(Session{ID: "held"}))
		_, err = m.process().Use("held")
		must(t, err)
		for range 200 {
			time.Sleep(time.Hour)
			must(t, m.send(l, request{session: "s1", Pace: Pace{Patience: NoLimit}}))
			l.tidyAfter(tidyRarely)
		}
		if id, ok, err := l.Lookup("shop"); id != "s1" || !ok || err != nil {
			t.Errorf("the name leads to %q, %v", id, err)
		}
		if _, ok, err := l.Session("held"); !ok || err != nil {
			t.Errorf("a session in use is gone, %v", err)
		}
	})
}

func TestTidyingWaitsForNoName(t *testing.T) {
	t.Parallel()
	inMemory(t, func(t *testing.T, m *machine) {
		l := m.process()
		go m.process().Bind(t.Context(), Binding{Name: "shop", Wait: patient}, hang(time.Hour))
		time.Sleep(time.Hour + 1) // its failure is recorded
		go m.process().Bind(t.Context(), Binding{Name: "shop", Wait: patient}, hang(100*time.Hour))
		time.Sleep(50 * time.Hour)
		began := time.Now()
		l.tidyAfter(tidyRarely)
		if took := time.Since(began); took > 10*time.Millisecond || len(m.told) > 0 {
			t.Errorf("it took %v and told %v", took, m.told)
		}
		time.Sleep(100 * time.Hour)
	})
}
