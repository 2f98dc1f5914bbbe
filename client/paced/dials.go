package paced

import (
	"sync/atomic"
	"time"
)

// fastest is the shortest of some durations. The zero value has seen none. It is safe
// for concurrent use.
type fastest struct{ nanoseconds atomic.Int64 }

func (f *fastest) took(d time.Duration) {
	now := int64(max(d, 1))
	for {
		least := f.nanoseconds.Load()
		if least != 0 && least <= now || f.nanoseconds.CompareAndSwap(least, now) {
			return
		}
	}
}

// FastestDial is how long the fastest connection so far took to be made, with tunnel and
// handshake. It is 0 before the first. It tells the distance of the endpoint: a slower
// dial waited for a processor, too.
func (f *Fetcher) FastestDial() time.Duration {
	return time.Duration(f.dials.nanoseconds.Load())
}
