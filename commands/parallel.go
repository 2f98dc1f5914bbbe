package commands

import (
	"context"
	"sync"
)

// parallel calls do for 0 to n-1, at most workers at a time, and gives each one's
// error. Those that have not begun when ctx ends get its cause.
func parallel(ctx context.Context, n, workers int, do func(ctx context.Context, i int) error) []error {
	errs := make([]error, n)
	next := make(chan int)
	var wait sync.WaitGroup
	for range min(workers, n) {
		wait.Go(func() {
			for i := range next {
				if errs[i] = context.Cause(ctx); errs[i] == nil {
					errs[i] = do(ctx, i)
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
	return errs
}
