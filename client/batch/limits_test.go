package batch

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"smp/client"
)

func TestGrowthAsksForAsManyAsLinesWait(t *testing.T) {
	t.Parallel()
	now := time.Now()
	tests := []struct {
		name   string
		growth growth
		lines  int
		want   int
	}{
		{"a line each", growth{target: 20}, 3, 3},
		{"no more than the pool holds", growth{target: 5}, 30, 5},
		{"those on their way count", growth{target: 20, opening: 2}, 3, 1},
		{"those at work count", growth{target: 5, workers: 4}, 30, 1},
		{"full", growth{target: 5, workers: 4, opening: 1}, 30, 0},
		{"not all at once", growth{target: 5000}, 65, maxOpening},
		{"those that wait hold up no other", growth{target: 20, opening: 17, waiting: 16}, 3, 2},
		{"full of those that wait", growth{target: 5, workers: 3, opening: 2, waiting: 2}, 30, 0},
		{"those that are made have a line each", growth{target: 20, opening: 5, made: 3}, 6, 1},
		{"those that are made ask for nothing any more", growth{target: 5000, opening: 300, made: 290}, 1000, 6},
		{"workers are free", growth{target: 20, workers: 5}, -2, 0},
		{"after a refusal", growth{target: 20, pause: now.Add(time.Second)}, 3, 0},
		{"a while after a refusal", growth{target: 20, pause: now}, 3, 3},
		{"shrunk below what is there", growth{target: 2, workers: 3}, 3, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := test.growth.wanted(test.lines, now); got != test.want {
				t.Errorf("asks for %d, want %d", got, test.want)
			}
		})
	}
}

func TestGrowthAfterARefusal(t *testing.T) {
	t.Parallel()
	refusal := func(class client.Class, code string) error {
		return fmt.Errorf("open: %w", &client.Error{Class: class, Code: code, Status: 400})
	}
	limit := refusal(client.Later, "user_session_limit")
	tests := []struct {
		name   string
		growth growth
		err    error
		final  bool
		target int
		told   bool
		pause  bool
	}{
		{"the limit, with others at work", growth{target: 20, workers: 3}, limit, false, 3, true, false},
		{"the limit, others on their way", growth{target: 20, workers: 3, opening: 2}, limit, false, 5, false, false},
		{"the limit, alone", growth{target: 20}, limit, true, 0, true, false},
		{"busy, with others at work", growth{target: 20, workers: 3, failures: 9}, refusal(client.Later, "serverbusy"), false, 20, false, true},
		{"busy, alone, at first", growth{target: 20}, refusal(client.Later, "serverbusy"), false, 20, false, true},
		{"busy, alone, once too often", growth{target: 20, failures: 2}, refusal(client.Later, "serverbusy"), true, 20, false, true},
		{"a bad key", growth{target: 20, workers: 3}, refusal(client.Credentials, "bad_proxy_auth"), true, 20, false, false},
		{"hopeless, alone", growth{target: 20}, refusal(client.Hopeless, "bad_endpoint"), true, 20, false, true},
		{"hopeless, with others at work", growth{target: 20, workers: 1}, refusal(client.Hopeless, "bad_endpoint"), false, 20, false, true},
		{"the limit, others wait for a name's turn", growth{target: 20, workers: 3, opening: 2, waiting: 2}, limit, false, 5, true, false},
		{"this machine's own trouble", growth{target: 20, workers: 3}, errors.New("disk full"), true, 20, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := test.growth
			if final, later := g.refused(test.err, 2, func(int) time.Duration { return time.Second }); final != test.final || later != test.pause {
				t.Errorf("final %v, later %v", final, later)
			}
			if g.target != test.target || (g.settled() != nil) != test.told || g.pause.IsZero() == test.pause {
				t.Errorf("target %d, told %v, pause %v", g.target, g.shrunk, g.pause)
			}
			if g.settled() != nil {
				t.Error("told twice")
			}
		})
	}
}

func TestCrowdFindsTheLimit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 30).Draw(t, "limit")
		busy := rapid.IntRange(limit+1, 60).Draw(t, "busy")
		var c concurrencyLimit
		first := 0
		for n := busy; n > limit; n-- { // each refusal leaves one less under way
			if c.refused(n) {
				first++
			}
		}
		if c.limit != limit || first != 1 {
			t.Fatalf("the bound is %d, want %d; told %d times", c.limit, limit, first)
		}
		if c.admits(limit) || !c.admits(limit-1) {
			t.Fatal("the bound is not kept")
		}
		for range goodPerSlot*limit - 1 {
			c.served()
		}
		if c.limit != limit {
			t.Fatalf("the bound grew to %d too soon", c.limit)
		}
		c.served()
		if want := limit + 1; c.limit != want && !(want == busy && c.limit == 0) {
			t.Fatalf("the bound is %d, want %d", c.limit, want)
		}
	})
}

func TestCrowdNeverStopsEverything(t *testing.T) {
	t.Parallel()
	var c concurrencyLimit
	for range 5 {
		c.refused(1)
	}
	if !c.admits(0) || c.admits(1) {
		t.Errorf("the bound is %d", c.limit)
	}
}

func TestRetriesComeInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := time.Now()
		var r retries
		due := rapid.SliceOf(rapid.IntRange(-5, 5)).Draw(t, "due")
		for i, d := range due {
			r.add(&task{line: &Line{Number: i}, due: now.Add(time.Duration(d) * time.Second)})
		}
		var last *task
		taken := 0
		for w := r.take(now); w != nil; w = r.take(now) {
			if w.due.After(now) || last != nil && (w.due.Before(last.due) || w.due.Equal(last.due) && w.line.Number < last.line.Number) {
				t.Fatalf("%v came after %v", w, last)
			}
			last, taken = w, taken+1
		}
		if next, ok := r.next(); ok && !next.After(now) || taken+len(r) != len(due) {
			t.Fatalf("%d taken, %d left of %d, the next is due %v", taken, len(r), len(due), next)
		}
	})
}
