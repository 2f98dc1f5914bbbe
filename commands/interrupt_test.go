package commands

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestInterruptibly(t *testing.T) {
	t.Parallel()
	odd, signal := errors.New("odd"), errors.New("signal")
	for _, tt := range []struct {
		name     string
		takes    time.Duration
		signal   time.Duration
		done     bool
		err      error
		returned time.Duration
	}{
		{"no signal", time.Hour, 2 * time.Hour, true, odd, time.Hour},
		{"soon enough after it", time.Second, time.Second - stuckOutput/2, true, odd, time.Second},
		{"stuck", time.Hour, time.Second, false, signal, time.Second + stuckOutput},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancelCause(t.Context())
				time.AfterFunc(tt.signal, func() { stop(signal) })
				start := time.Now()
				done, err := interruptibly(ctx, func() error {
					<-time.After(tt.takes)
					return odd
				})
				if done != tt.done || err != tt.err || time.Since(start) != tt.returned {
					t.Errorf("%v, %v after %v", done, err, time.Since(start))
				}
				<-time.After(tt.takes) // what was left unattended ends too
			})
		})
	}
}
