package ledger

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"
)

// hang is a creation that takes its time and fails then.
func hang(d time.Duration) func(context.Context) (Session, error) {
	return func(ctx context.Context) (Session, error) {
		return Session{}, errors.Join(errors.New("no session"), sleep(ctx, d))
	}
}

func TestWaitingForANeighbourIsBounded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		max, want time.Duration
		told      int32
	}{
		"not at all": {0, time.Second, 0},
		"shortly":    {100 * time.Millisecond, time.Second, 0},
		"a minute":   {time.Minute, time.Minute, 1},
	} {
		bubble(t, func(t *testing.T, m *machine) {
			go m.process().Bind(t.Context(), Binding{Name: "shop", Wait: patient}, hang(time.Hour))
			go m.process().Once(t.Context(), "list", patient, func(ctx context.Context) error { return sleep(ctx, time.Hour) })
			time.Sleep(time.Millisecond)
			var told atomic.Int32
			w := Wait{Max: c.max, Told: func() { told.Add(1) }}
			began := time.Now()
			_, _, err := m.process().Bind(t.Context(), Binding{Name: "shop", Wait: w}, hang(0))
			if busy := wantErr[*BusyError](t, err); busy.Name != "shop" || time.Since(began) != c.want || told.Load() != c.told {
				t.Errorf("%s: %v after %v, told %d times", name, err, time.Since(began), told.Load())
			}
			began = time.Now()
			err = m.process().Once(t.Context(), "list", w, func(context.Context) error { return nil })
			if busy := wantErr[*BusyError](t, err); busy.Kind != "call" || time.Since(began) != c.want || told.Load() != 2*c.told {
				t.Errorf("%s: %v after %v, told %d times", name, err, time.Since(began), told.Load())
			}
			time.Sleep(time.Hour)
		})
	}
}

// Who waits learns of a failure at its next try, and tries no creation of its own.
// All of them together take less than a second creation would.
func TestAFailureIsSharedByAllWhoWaited(t *testing.T) {
	t.Parallel()
	const creation = 10 * time.Second
	bubble(t, func(t *testing.T, m *machine) {
		errs := make(chan error, 6)
		tries := 0
		for range 6 {
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				_, _, err := m.process().Bind(ctx, Binding{Name: "shop", Wait: patient}, func(ctx context.Context) (Session, error) {
					tries++
					return hang(creation)(ctx)
				})
				errs <- err
			}()
		}
		shared := 0
		for range 6 {
			if errors.Is(<-errs, ErrElsewhere) {
				shared++
			}
		}
		if took := m.since(); tries != 1 || shared != 5 || took < creation || took >= 2*creation {
			t.Errorf("%d tries, %d shared, after %v", tries, shared, m.since())
		}
		id, made, err := m.process().Bind(t.Context(), Binding{Name: "shop"}, (&maker{}).create)
		if id != "s1" || !made || err != nil {
			t.Errorf("the next got %q, %v, %v", id, made, err)
		}
	})
}

func TestAnInterruptedCreationIsLeftToTheNext(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		go m.process().Bind(ctx, Binding{Name: "shop"}, hang(time.Hour))
		time.Sleep(time.Millisecond)
		id, made, err := m.process().Bind(t.Context(), Binding{Name: "shop", Wait: patient}, (&maker{}).create)
		if id != "s1" || !made || err != nil {
			t.Errorf("got %q, %v, %v", id, made, err)
		}
	})
}

func TestABoundNameWaitsForNobody(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		_, _, err := m.process().Bind(t.Context(), Binding{Name: "shop"}, (&maker{}).create)
		must(t, err)
		go m.process().Bind(t.Context(), Binding{Name: "shop", Stale: "s1"}, hang(time.Hour))
		time.Sleep(time.Millisecond)
		began := time.Now()
		id, _, err := m.process().Bind(t.Context(), Binding{Name: "shop"}, hang(0))
		if id != "s1" || err != nil || time.Since(began) != 0 {
			t.Errorf("got %q, %v, after %v", id, err, time.Since(began))
		}
		time.Sleep(time.Hour)
	})
}

func TestManyWaitersTryRarely(t *testing.T) {
	t.Parallel()
	step, spent, tries := firstStep, time.Duration(0), 0
	for ; spent < time.Minute; tries++ {
		step = nextStep(step, spent)
		spent += step
	}
	if tries > 300 { // 150 waiters at 30 µs a try: 2 % of a processor
		t.Errorf("%d tries in a minute", tries)
	}
}
