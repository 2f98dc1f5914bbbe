package term

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestAwait(t *testing.T) {
	t.Parallel()
	odd, signal := errors.New("odd"), errors.New("signal")
	for _, tt := range []struct {
		name      string
		takes     time.Duration
		signal    time.Duration
		abandoned bool
		returned  time.Duration
	}{
		{"no signal", time.Hour, 2 * time.Hour, false, time.Hour},
		{"soon enough after it", time.Second, time.Second - abandonAfter/2, false, time.Second},
		{"stuck", time.Hour, time.Second, true, time.Second + abandonAfter},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancelCause(t.Context())
				time.AfterFunc(tt.signal, func() { stop(signal) })
				start := time.Now()
				value, err := Await(ctx, func() (int, error) {
					<-time.After(tt.takes)
					return 7, odd
				})
				if time.Since(start) != tt.returned {
					t.Errorf("returned after %v", time.Since(start))
				}
				_, abandoned := errors.AsType[*AbandonedError](err)
				switch {
				case abandoned != tt.abandoned:
					t.Errorf("got %d, %v", value, err)
				case abandoned && (value != 0 || !errors.Is(err, signal)):
					t.Errorf("abandoned: got %d, %v", value, err)
				case !abandoned && (value != 7 || err != odd):
					t.Errorf("got %d, %v", value, err)
				}
				<-time.After(tt.takes) // the abandoned function ends too
			})
		})
	}
}
