package paced

import (
	"testing"
	"time"
)

func TestBackOffDoublesToItsLimit(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]time.Duration{
		0: time.Second, 1: 2 * time.Second, 5: 32 * time.Second,
		9: 5 * time.Minute, 15: 5 * time.Minute, 1000: 5 * time.Minute,
	} {
		if got := longestBackOff(n); got != want {
			t.Errorf("BackOff(%d) = %v, want %v", n, got, want)
		}
	}
}

func TestBackOffIsARandomPart(t *testing.T) {
	t.Parallel()
	f := &Fetcher{Scale: 100}
	var least, most time.Duration = time.Hour, 0
	for range 1000 {
		wait := f.BackOff(0)
		least, most = min(least, wait), max(most, wait)
	}
	if least < 0 || least > time.Millisecond || most > 10*time.Millisecond || most < 9*time.Millisecond {
		t.Errorf("a thousand waits at a hundredfold scale lie between %v and %v, want 0 to 10ms", least, most)
	}
}
