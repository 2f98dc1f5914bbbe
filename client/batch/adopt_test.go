package batch

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smp/client/mock"
)

// What a killed run left is used or deleted: no session outlives the run that
// resumes.
func TestSessionsOfAKilledRunAreAdopted(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		left    int           // sessions of the killed run
		idle    time.Duration // since
		want    int           // adopted
		made    int
		pool    int
		targets int
	}{
		{"as many as are wanted", 3, time.Minute, 3, 0, 3, 9},
		{"too many", 5, time.Minute, 2, 0, 2, 9},
		{"too few", 1, time.Minute, 1, 2, 3, 9},
		{"expired meanwhile", 3, time.Hour, 0, 3, 3, 9},
		{"nothing to do", 3, time.Minute, 3, 0, 3, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, mock.Config{})
				killed(t, w, path, test.left)
				time.Sleep(test.idle)
				d := openDir(t, path, true)
				b := New(w.config(test.pool, delay))
				if err := b.Run(context.Background(), NewReader(strings.NewReader(list(test.targets))), d); err != nil {
					t.Fatal(err)
				}
				if err := d.Close(); err != nil {
					t.Fatal(err)
				}
				p := b.Progress()
				if p.Adopted != test.want || p.Made != test.made || p.Succeeded != test.targets {
					t.Errorf("%d sessions adopted, %d made, %d lines", p.Adopted, p.Made, p.Succeeded)
				}
				if _, err := os.Stat(filepath.Join(path, sessionsName)); !os.IsNotExist(err) {
					t.Errorf("the roster is still there: %v", err)
				}
				w.clean(t)
			})
		})
	}
}

// killed leaves in the directory what a run of so many sessions leaves when it is
// killed.
func killed(t *testing.T, w *world, path string, sessions int) {
	t.Helper()
	d := openDir(t, path, false)
	for range sessions {
		s, err := w.fetcher.NewSession(context.Background())
		if err == nil {
			err = d.roster.made(s.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}
