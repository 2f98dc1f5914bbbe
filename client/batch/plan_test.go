package batch

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDurationOfAPool(t *testing.T) {
	t.Parallel()
	const delay = 12 * time.Second
	tests := []struct {
		name     string
		load     Load
		sessions int
		want     time.Duration
	}{
		{"no lines", Load{}, 5, 0},
		{"one line", Load{delay: 1}, 5, 0},
		{"a line each", Load{delay: 5}, 5, 0},
		{"one more than sessions", Load{delay: 6}, 5, delay},
		{"one session", Load{delay: 10}, 1, 9 * delay},
		{"full rounds", Load{delay: 1000}, 20, 49 * delay},
		{"no delay", Load{0: 1000}, 20, 0},
		{"no session", Load{delay: 10}, 0, 0},
		{"a slow host among others", Load{time.Minute: 1, delay: 9}, 5, time.Minute},
		{"two hosts, one session", Load{time.Minute: 2, delay: 2}, 1, 2*time.Minute + delay},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := test.load.Duration(test.sessions); got != test.want {
				t.Errorf("Duration(%d) = %v, want %v", test.sessions, got, test.want)
			}
		})
	}
}

func TestSessionsForADeadline(t *testing.T) {
	t.Parallel()
	load := Load{12 * time.Second: 1000}
	tests := []struct {
		deadline time.Duration
		want     int
	}{
		{0, 1000},
		{11 * time.Second, 1000},
		{12 * time.Second, 500},
		{588 * time.Second, 20},
		{587 * time.Second, 21},
		{time.Hour * 24, 1},
	}
	for _, test := range tests {
		if got := load.Sessions(test.deadline); got != test.want {
			t.Errorf("Sessions(%v) = %d, want %d", test.deadline, got, test.want)
		}
	}
	if got := (Load{}).Sessions(0); got != 0 {
		t.Errorf("an empty list needs %d sessions", got)
	}
}

func loads() *rapid.Generator[Load] {
	return rapid.Custom(func(t *rapid.T) Load {
		delays := rapid.Map(rapid.IntRange(0, 900), func(s int) time.Duration { return time.Duration(s) * time.Second })
		return rapid.MapOfN(delays, rapid.IntRange(0, 3000), 0, 4).Draw(t, "load")
	})
}

// The arithmetic over counts is that of dealing the lines out one by one.
func TestDurationIsThatOfDealing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		load, sessions := loads().Draw(t, "load"), rapid.IntRange(1, 50).Draw(t, "sessions")
		var lines []time.Duration
		for delay, n := range load {
			lines = append(lines, slices.Repeat([]time.Duration{delay}, n)...)
		}
		slices.Sort(lines)
		slices.Reverse(lines)
		var want time.Duration
		for i := 0; i+sessions < len(lines); i += sessions {
			want += lines[i]
		}
		if got := load.Duration(sessions); got != want {
			t.Fatalf("Duration(%d) of %v = %v, want %v", sessions, load, got, want)
		}
	})
}

func TestSessionsAreEnoughAndNoneTooMany(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		load := loads().Draw(t, "load")
		deadline := time.Duration(rapid.Int64Range(0, math.MaxInt32).Draw(t, "ms")) * time.Millisecond
		n := load.Sessions(deadline)
		if load.Lines() > 0 && load.Duration(n) > deadline {
			t.Fatalf("%d sessions need %v, more than %v", n, load.Duration(n), deadline)
		}
		if n > 1 && load.Duration(n-1) <= deadline {
			t.Fatalf("%d sessions would do, not %d", n-1, n)
		}
	})
}
