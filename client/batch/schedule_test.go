package batch

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Workers are given out in the order in which their sessions were ready.
func TestScheduleGivesTheFirstReadyFirst(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var s schedule
		now := time.Now()
		waits := rapid.SliceOf(rapid.IntRange(1, 20)).Draw(t, "waits")
		for _, wait := range waits {
			if !s.put(&worker{ready: now.Add(time.Duration(wait) * time.Second)}) {
				t.Fatal("a worker that has to wait does not rest")
			}
		}
		last, given := 0, 0
		for second := range 21 {
			s.wake(now.Add(time.Duration(second) * time.Second))
			for w := s.take(maxStarting); w != nil; w = s.take(maxStarting) {
				if !w.ready.IsZero() || second < last {
					t.Fatalf("%v was given out in second %d", w.ready, second)
				}
				last, given = second, given+1
			}
			if next := s.next(); !next.IsZero() && !next.After(now.Add(time.Duration(second)*time.Second)) {
				t.Fatalf("the next one was to be ready %v ago", now.Sub(next))
			}
		}
		if given != len(waits) || s.ready() != 0 || len(s.clear()) != 0 {
			t.Fatalf("%d of %d were given out", given, len(waits))
		}
	})
}

func TestScheduleCountsTheRest(t *testing.T) {
	t.Parallel()
	var s schedule
	s.put(&worker{ready: time.Now().Add(time.Second)})
	s.put(&worker{ready: time.Now().Add(time.Hour)})
	if n, rested := s.wake(time.Now().Add(time.Minute)); n != 1 || rested < 59*time.Second || rested > 61*time.Second {
		t.Errorf("%d rested for %v", n, rested)
	}
}

// So many requests start at once and no more, until one has left.
func TestScheduleSpreadsTheStart(t *testing.T) {
	t.Parallel()
	var s schedule
	for range maxStarting + 10 {
		s.add(&worker{})
	}
	var first *worker
	for range maxStarting {
		w := s.take(maxStarting)
		if w == nil {
			t.Fatal("nobody starts")
		}
		first = w
	}
	if s.take(maxStarting) != nil {
		t.Error("more start than may")
	}
	s.put(&worker{}) // one that has had a line before waits, too
	if s.take(maxStarting) != nil {
		t.Error("more start than may")
	}
	s.sent(first)
	s.sent(first) // also when its line ends
	if s.take(maxStarting) == nil || s.take(maxStarting) != nil {
		t.Error("one has left, and not one starts")
	}
}

// Newcomers are written down together, but none waits long for the others.
func TestNewcomersWaitForEachOther(t *testing.T) {
	t.Parallel()
	now := time.Now()
	n := newcomers{patience: time.Second}
	if n.take(false, now) != nil || !n.next().IsZero() {
		t.Error("there is nobody")
	}
	n.add(&poolSession{id: "1"}, now)
	n.add(&poolSession{id: "2"}, now.Add(time.Second/2))
	if n.take(true, now.Add(time.Second/2)) != nil || !n.next().Equal(now.Add(time.Second)) {
		t.Error("they do not wait for those on their way")
	}
	if group := n.take(true, now.Add(time.Second)); len(group) != 2 {
		t.Errorf("%d of 2 are written down after a second", len(group))
	}
	n.add(&poolSession{id: "3"}, now)
	if n.take(false, now.Add(time.Hour)) != nil || !n.next().IsZero() {
		t.Error("two groups are written down at once")
	}
	n.enlisting = 0
	if n.take(true, now.Add(time.Second)) != nil || len(n.take(true, now.Add(2*time.Second))) != 1 {
		t.Error("the second group does not wait twice as long")
	}
	n.enlisting = 0
	n.add(&poolSession{id: "4"}, now)
	if len(n.take(false, now)) != 1 {
		t.Error("it waits for nobody")
	}
}

// A large pool starts as many requests at once as the way to the endpoint asks for.
func TestMostStarting(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pool int
		dial time.Duration
		want int
	}{
		{maxStarting, time.Millisecond, maxStarting},
		{maxStarting + 1, 0, leastStarting},
		{5000, time.Millisecond, leastStarting},
		{5000, 100 * time.Millisecond, 200},
		{5000, time.Second, maxStarting},
	} {
		if n := mostStarting(tt.pool, tt.dial); n != tt.want {
			t.Errorf("%d of %d at %v, want %d", n, tt.pool, tt.dial, tt.want)
		}
	}
}
