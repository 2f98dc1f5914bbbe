package paced

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"smp/client"
	"smp/client/mock"
)

// resetAt breaks the connection of each request whose number, from 1, is in at.
func resetAt(at ...int) (f func(string) (time.Duration, error), requests func() int) {
	var mu sync.Mutex
	n := 0
	return func(request string) (time.Duration, error) {
			if !strings.Contains(request, "X-Test: stale") {
				return 0, nil
			}
			mu.Lock()
			defer mu.Unlock()
			n++
			for _, number := range at {
				if n == number {
					return 0, net.ErrClosed
				}
			}
			return 0, nil
		}, func() int {
			mu.Lock()
			defer mu.Unlock()
			return n
		}
}

func TestAKeptConnectionThatEndedIsMadeAnew(t *testing.T) {
	const short = 500 * time.Millisecond
	for _, tt := range []struct {
		name, method string
		session      bool
		resets       []int
		attempts     int
		fails        bool
	}{
		{"without a session", "GET", false, []int{2}, 3, false},
		{"in a session", "GET", true, []int{2}, 3, false},
		{"on the new one too", "GET", true, []int{2, 3}, 3, true},
		{"the first is no kept one", "GET", true, []int{1}, 1, true},
		{"a POST", "POST", true, []int{2}, 2, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, mock.Config{Delay: short})
				session := ""
				if tt.session {
					session = w.NewSession()
				}
				breaks, requests := resetAt(tt.resets...)
				w.Intercept(breaks)
				w.fetcher.Client = w.Client
				job := w.job(session, "http://shop.test/redirect-to?status_code=307&url=/anything")
				job.Request.Method = tt.method
				job.Request.Header = http.Header{"X-Test": {"stale"}}
				job.Delay = func(string) time.Duration { return short }
				job.Follow, job.MaxRedirects = true, 5
				start := time.Now()
				result, err := w.fetch(job)
				if (err != nil) != tt.fails || result.Attempts != tt.attempts || requests() != tt.attempts {
					t.Errorf("%d attempts, %d requests, %v; want %d", result.Attempts, requests(), err, tt.attempts)
				}
				if failed, _ := errors.AsType[*client.Error](err); err != nil && (failed == nil || failed.Class != client.Network) {
					t.Errorf("%v", err)
				}
				if want := time.Duration(tt.attempts-1) * short; tt.session && time.Since(start) < want {
					t.Errorf("%d requests took %v, want %v", tt.attempts, time.Since(start), want)
				}
				if len(told[Retrying](w)) != 0 {
					t.Errorf("told of %v", told[Retrying](w))
				}
				w.CheckPace()
			})
		})
	}
}
