//go:build unix

package main

import (
	"fmt"
	"testing"
	"time"
)

func TestQuartiles(t *testing.T) {
	t.Parallel()
	tests := []struct {
		values []float64
		want   string
	}{
		{[]float64{7}, "7 7 7"},
		{[]float64{4, 2}, "2.5 3 3.5"},
		{[]float64{5, 1, 4, 2, 3}, "2 3 4"},
	}
	for _, tt := range tests {
		q1, m, q3 := quartiles(tt.values)
		if got := fmt.Sprint(q1, m, q3); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.values, got, tt.want)
		}
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value, limit, reach float64
		want                string
	}{
		{0.5, 0, 0, ""},
		{0.5, 0.4, 0.3, "missed"},
		{0.4, 0.4, 0.3, "met"},
		{0.3, 0.4, 0.3, "reached"},
		{0.1, 0.4, 0, "met"},
	}
	for _, tt := range tests {
		if got := verdict(tt.value, tt.limit, tt.reach); got != tt.want {
			t.Errorf("%v of %v (%v): %q, want %q", tt.value, tt.limit, tt.reach, got, tt.want)
		}
	}
	for value, want := range map[float64]string{7999: "missed", 8000: "met", 13000: "reached"} {
		if got := atLeast(value, 8000, 13000); got != want {
			t.Errorf("%v at least 8000 (13000): %q, want %q", value, got, want)
		}
	}
}

// What takes turns is compared round by round, and the medians with each other.
func TestCompare(t *testing.T) {
	t.Parallel()
	runs := func(wall ...time.Duration) (all []sample) {
		for _, w := range wall {
			all = append(all, sample{Wall: w * time.Millisecond, CPU: w * time.Millisecond / 2, Peak: 10e6})
		}
		return all
	}
	l := compare("row", runs(100, 200, 400), runs(50, 150, 100), 0.45, 0.38)
	want := line{
		name: "row", theirs: "200 ms", ours: "100 ms", ratio: "0.50", spread: "0.38–0.62",
		cpu: "0.50", peak: "10.0 / 10.0", budget: "0.45 (0.38)", verdict: "missed",
	}
	if l != want {
		t.Errorf("\n got %+v\nwant %+v", l, want)
	}
}
