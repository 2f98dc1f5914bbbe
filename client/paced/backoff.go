package paced

import (
	"math/rand/v2"
	"time"
)

// The back-off between repetitions doubles from the first to the last of these.
const (
	firstBackOff = time.Second
	lastBackOff  = 5 * time.Minute
)

// BackOff is the wait before repetition number n, from 0: a random part ("full
// jitter") of a doubling time, so that parallel callers spread out.
func (f *Fetcher) BackOff(n int) time.Duration { return rand.N(f.scaled(longestBackOff(n)) + 1) }

func longestBackOff(n int) time.Duration {
	if n < 16 {
		return min(firstBackOff<<n, lastBackOff)
	}
	return lastBackOff
}

// scaled is a built-in duration on the Fetcher's scale.
func (f *Fetcher) scaled(d time.Duration) time.Duration {
	if f.scale() == 1 {
		return d
	}
	return time.Duration(float64(d) / f.scale())
}

func (f *Fetcher) scale() float64 {
	if f.Scale <= 0 {
		return 1
	}
	return f.Scale
}
