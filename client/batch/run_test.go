package batch

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smp/client/mock"
)

// run fetches n lines.
func run(t testing.TB, cfg Config, n int, sink Sink) (*Batch, error) {
	t.Helper()
	b := New(cfg)
	return b, b.Run(context.Background(), NewReader(strings.NewReader(list(n))), sink)
}

// runUntil fetches n lines as long as ctx lasts.
func runUntil(ctx context.Context, cfg Config, n int, sink Sink) error {
	return New(cfg).Run(ctx, NewReader(strings.NewReader(list(n))), sink)
}

func TestRunKeepsThePaceAndLosesNoTime(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                 string
		lines, sessions, ips int
		want                 time.Duration
	}{
		{"a session", 5, 1, 100, 4 * 12 * time.Second},
		{"a line each", 20, 20, 100, 0},
		{"rounds", 100, 20, 100, 4 * 12 * time.Second},
		{"a last round that is not full", 101, 20, 100, 5 * 12 * time.Second},
		{"sessions that share IPs", 30, 20, 10, 2 * 12 * time.Second},
		{"all sessions on one IP", 10, 5, 1, 9 * 12 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, sink := newWorld(t, mock.Config{IPs: test.ips}), newSink()
				began := time.Now()
				_, err := run(t, w.config(test.sessions, 12*time.Second), test.lines, sink)
				if err != nil {
					t.Fatal(err)
				}
				took := time.Since(began)
				if took < test.want || took > test.want*102/100+time.Second/10 {
					t.Errorf("took %v, want %v", took, test.want)
				}
				sink.complete(t, test.lines)
				w.clean(t)
			})
		})
	}
}
