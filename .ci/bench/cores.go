//go:build unix

package main

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// parallelism is how much more all cores do together than one alone. Virtual
// machines often have less than they show, and a program that uses several cores
// gains nothing over one that uses one.
func parallelism() float64 {
	return float64(work(runtime.NumCPU())) / float64(work(1))
}

// work is how much so many goroutines get done in a while.
func work(goroutines int) int64 {
	const while = 300 * time.Millisecond
	var done atomic.Int64
	var all sync.WaitGroup
	end := time.Now().Add(while)
	for range goroutines {
		all.Go(func() {
			for x := uint64(1); time.Now().Before(end); done.Add(1) {
				for range 10_000 {
					x ^= x<<13 ^ x>>7
				}
				runtime.KeepAlive(x)
			}
		})
	}
	all.Wait()
	return done.Load()
}
