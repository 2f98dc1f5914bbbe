package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

// maker makes sessions for Bind and counts them.
type maker struct {
	mu   sync.Mutex
	made int
	err  error
}

func (k *maker) create(ctx context.Context) (Session, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := sleep(ctx, 2*time.Second); err != nil {
		return Session{}, err
	}
	if k.err != nil {
		return Session{}, k.err
	}
	k.made++
	return Session{ID: fmt.Sprintf("s%d", k.made), IP: "192.0.2.1"}, nil
}

const delay = 12 * time.Second

func TestTenProcessesBindANameOnce(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		k := &maker{}
		bindAll := func(stale, want string) {
			t.Helper()
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() {
					id, _, err := m.process().Bind(t.Context(), Binding{Name: "shop", Stale: stale, Delay: delay, Wait: patient}, k.create)
					if err != nil || id != want {
						t.Errorf("bound to %q, %v; want %s", id, err, want)
					}
				})
			}
			wg.Wait()
		}
		bindAll("", "s1")
		must(t, m.process().MarkDead("s1"))
		bindAll("s1", "s2") // one replaces, the others find it replaced
		time.Sleep(delay)
		bindAll("s2", "s3") // found dead, though nobody has marked it
		if k.made != 3 {
			t.Errorf("%d were made", k.made)
		}
		all, err := m.process().Sessions()
		if err != nil || len(all) != 1 || all[0].ID != "s3" || all[0].Name != "shop" || !all[0].Mine {
			t.Errorf("left: %+v, %v", all, err)
		}
	})
}

func TestANameIsReplacedOncePerDelay(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l, k := m.process(), &maker{}
		bind := func(stale string) (string, error) {
			id, _, err := l.Bind(t.Context(), Binding{Name: "shop", Stale: stale, Delay: delay, Wait: patient}, k.create)
			return id, err
		}
		for _, step := range []struct {
			stale, want string
			err         error
			pause       time.Duration
		}{
			{"", "s1", nil, 0},
			{"s1", "s2", nil, 0}, // the first replacement may come at once
			{"s2", "", ErrReplacedTooSoon, delay},
			{"s2", "s3", nil, 0},
			{"s2", "s3", nil, 0},
		} {
			if id, err := bind(step.stale); id != step.want || !errors.Is(err, step.err) {
				t.Fatalf("%s is stale: got %q, %v; want %q, %v", step.stale, id, err, step.want, step.err)
			}
			time.Sleep(step.pause)
		}
	})
}

func TestLookupFindsOnlyTheLiving(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l, k := m.process(), &maker{}
		wantLookup := func(want string) {
			t.Helper()
			if id, ok, err := l.Lookup("shop"); err != nil || id != want || ok != (want != "") {
				t.Errorf("found %q, %v, %v; want %q", id, ok, err, want)
			}
		}
		bind := func() {
			t.Helper()
			_, made, err := l.Bind(t.Context(), Binding{Name: "shop", Delay: delay, Wait: patient}, k.create)
			if err != nil || !made {
				t.Fatalf("made %v, %v", made, err)
			}
		}
		wantLookup("")
		bind()
		wantLookup("s1")
		must(t, l.MarkDead("s1"))
		wantLookup("")
		bind()
		wantLookup("s2")
		must(t, l.Forget("s2"))
		wantLookup("")
		bind() // not a replacement of a dead one, so not too soon
		must(t, l.Add(Session{ID: "s3", Name: "other"}))
		wantLookup("")
	})
}

func TestBindPassesOnWhatFails(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		l, failed := m.process(), errors.New("no session for you")
		if _, _, err := l.Bind(t.Context(), Binding{Name: "shop", Delay: delay, Wait: patient}, (&maker{err: failed}).create); err != failed {
			t.Errorf("error is %v", err)
		}
		none := func(context.Context) (Session, error) { return Session{}, nil }
		if _, _, err := l.Bind(t.Context(), Binding{Name: "shop", Delay: delay, Wait: patient}, none); err != errNoID {
			t.Errorf("error is %v", err)
		}
		id, made, err := l.Bind(t.Context(), Binding{Name: "shop", Delay: delay, Wait: patient}, (&maker{}).create)
		if id != "s1" || !made || err != nil {
			t.Errorf("got %q, %v, %v", id, made, err)
		}
	})
}

func TestWaitingForANameEndsWithTheContext(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		slow := func(ctx context.Context) (Session, error) { return Session{ID: "1"}, sleep(ctx, time.Hour) }
		go m.process().Bind(t.Context(), Binding{Name: "shop", Delay: delay, Wait: patient}, slow)
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, _, err := m.process().Bind(ctx, Binding{Name: "shop", Delay: delay, Wait: patient}, (&maker{}).create)
		if !errors.Is(err, context.DeadlineExceeded) || m.since() != 61*time.Second {
			t.Errorf("%v after %v", err, m.since())
		}
		time.Sleep(time.Hour)
	})
}

func TestOnce(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	for name, c := range map[string]struct{ first, others error }{
		"success": {nil, nil},
		"failure": {failed, ErrElsewhere},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, m *machine) {
				calls := 0
				list := func(ctx context.Context) error {
					calls++
					return errors.Join(sleep(ctx, time.Second), c.first)
				}
				errs := make(chan error, 9)
				go m.process().Once(t.Context(), "list", patient, list)
				time.Sleep(time.Millisecond)
				for range 9 {
					go func() { errs <- m.process().Once(t.Context(), "list", patient, list) }()
				}
				for range 9 {
					if err := <-errs; !errors.Is(err, c.others) {
						t.Errorf("error is %v", err)
					}
				}
				if calls != 1 {
					t.Errorf("called %d times", calls)
				}
				_ = m.process().Once(t.Context(), "list", patient, list)
				if calls != 2 {
					t.Errorf("called %d times, the second time around", calls)
				}
			})
		})
	}
}

func TestOnceGivenUpIsLeftToTheNext(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, m *machine) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		go m.process().Once(ctx, "list", patient, func(ctx context.Context) error { return sleep(ctx, time.Hour) })
		time.Sleep(time.Millisecond)
		called := false
		must(t, m.process().Once(t.Context(), "list", patient, func(context.Context) error { called = true; return nil }))
		if !called {
			t.Error("nobody did it")
		}
	})
}
