package paced

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"smp/client/mock"
)

// Each exchange of a lane has the whole of its timeout, whatever the one before took.
func TestALimitIsForOneExchangeAtATime(t *testing.T) {
	t.Parallel()
	const timeout = 10 * time.Second
	for name, tt := range map[string]struct {
		first  time.Duration // how long the first exchange takes
		rest   time.Duration // until the second
		shared bool          // its context serves the second one, too
	}{
		"within its time":  {7 * time.Second, time.Hour, true},
		"too late":         {11 * time.Second, time.Hour, false},
		"just as it is up": {timeout, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var l limit
				defer l.release()
				first := l.begin(t.Context(), timeout)
				time.Sleep(tt.first)
				l.end()
				time.Sleep(tt.rest)
				second := l.begin(t.Context(), timeout)
				if (first == second) != tt.shared {
					t.Errorf("the same context: %v", first == second)
				}
				time.Sleep(timeout - 1)
				if second.Err() != nil {
					t.Errorf("the second exchange ended early: %v", context.Cause(second))
				}
				time.Sleep(2 * time.Nanosecond)
				if _, late := errors.AsType[*TimeoutError](context.Cause(second)); !late {
					t.Errorf("the second exchange ended with %v", context.Cause(second))
				}
			})
		})
	}
}

func TestALimitEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l limit
		defer l.release()
		l.begin(t.Context(), time.Second)
		l.end()
		caller, cancel := context.WithCancelCause(t.Context())
		ctx := l.begin(caller, time.Second)
		cancel(errors.ErrUnsupported)
		if context.Cause(ctx) != errors.ErrUnsupported {
			t.Errorf("it ended with %v", context.Cause(ctx))
		}
		l.end()
		if l.begin(t.Context(), time.Second).Err() != nil {
			t.Error("the next exchange is over before it begins")
		}
	})
}

func TestALimitNamesTheTimeThatRanOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l limit
		defer l.release()
		l.begin(t.Context(), time.Hour)
		l.end()
		ctx := l.begin(t.Context(), time.Second)
		time.Sleep(time.Second + 1)
		if late, ok := errors.AsType[*TimeoutError](context.Cause(ctx)); !ok || late.After != time.Second {
			t.Errorf("it ended with %v", context.Cause(ctx))
		}
	})
}

// The context of a fetch is its caller's child: it must not outlive the fetch.
func TestAFetchKeepsNoLimit(t *testing.T) {
	t.Parallel()
	for _, lease := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, mock.Config{})
			w.fetcher.Lease = lease
			job := w.job("", "http://shop.test/get")
			job.Timeout = time.Minute
			result, err := w.fetcher.Fetch(t.Context(), job)
			if err != nil {
				t.Fatal(err)
			}
			body := result.Response.Body.(*closingBody)
			if body.fetch.lane.limit.ctx == nil {
				t.Error("the body has no limit")
			}
			body.Close()
			if body.fetch.lane.limit.ctx != nil {
				t.Error("the context is kept")
			}
		})
	}
}
