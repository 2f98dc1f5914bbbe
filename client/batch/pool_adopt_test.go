package batch

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smp/client"
	"smp/client/mock"
	"smp/client/paced"
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
				p := resume(t, w.config(test.pool, delay), path, test.targets).Progress()
				if p.Adopted != test.want || p.Made != test.made || p.Succeeded != test.targets {
					t.Errorf("%d sessions adopted, %d made, %d lines", p.Adopted, p.Made, p.Succeeded)
				}
				if _, err := os.Stat(filepath.Join(path, sessionsName)); !os.IsNotExist(err) {
					t.Errorf("the log is still there: %v", err)
				}
				w.clean(t)
			})
		})
	}
}

// An id of another service, or of another key, is somebody else's session here.
func TestSessionsOfAnotherServiceAreLeftAlone(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		killed(t, w, path, 3)
		cfg := w.config(3, delay)
		cfg.Service = "elsewhere"
		b := resume(t, cfg, path, 9)
		if p := b.Progress(); p.Adopted != 0 || p.Made != 3 || p.Succeeded != 9 {
			t.Errorf("%d sessions adopted, %d made, %d lines", p.Adopted, p.Made, p.Succeeded)
		}
		if alone := told[LeftAlone](w); len(alone) != 1 || alone[0] != (LeftAlone{Sessions: 3, Err: ErrForeign}) {
			t.Errorf("told %v", alone)
		}
		if left := w.Sessions(); len(left) != 3 {
			t.Errorf("sessions after the run elsewhere: %v", left)
		}
		if b := resume(t, w.config(3, delay), path, 12); b.Progress().Adopted != 3 {
			t.Errorf("%d sessions adopted back home", b.Progress().Adopted)
		}
		w.clean(t)
	})
}

// A session keeps the region that its first request asked for, and would refuse lines
// that ask for another one. Without a region lines are for no country's sessions.
func TestSessionsOfAnotherRegionAreDeleted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		asked         string
		adopted, made int
	}{{"DE", 2, 1}, {"FR", 1, 2}, {"", 0, 3}} {
		t.Run("resumed with "+test.asked, func(t *testing.T) {
			t.Parallel()
			path := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, mock.Config{Service: mock.ServiceZyteAPI})
				killed(t, w, path, 3)
				left, err := w.fetcher.Ledger.Sessions()
				if err != nil {
					t.Fatal(err)
				}
				for i, region := range []string{"DE", "FR", "DE"} {
					job := &paced.Job{Session: paced.Ref{Kind: paced.RefID, Value: left[i].ID}, Request: inRegion(t, region, "http://shop.test/ip")}
					result, err := w.fetcher.Fetch(t.Context(), job)
					if err != nil {
						t.Fatal(err)
					}
					result.Response.Body.Close()
				}
				cfg := w.config(3, delay)
				cfg.Region = test.asked
				cfg.Request = func(line *Line) (client.Request, error) { return inRegion(t, test.asked, line.URL), nil }
				if p := resume(t, cfg, path, 9).Progress(); p.Adopted != test.adopted || p.Made != test.made || p.Succeeded != 9 {
					t.Errorf("%d sessions adopted, %d made, %d lines", p.Adopted, p.Made, p.Succeeded)
				}
				if left, err := w.fetcher.Ledger.Sessions(); err != nil || len(left) > 0 {
					t.Errorf("sessions are left: %v, %v", left, err)
				}
			})
		})
	}
}

// inRegion is a request to Zyte API; "" asks for no region.
func inRegion(t *testing.T, region, target string) client.Request {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{}
	if region != "" {
		header.Set("Zyte-Geolocation", region)
	}
	return client.Request{Method: http.MethodGet, URL: u, Header: header}
}

func TestSessionsInUseAreNotAdopted(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		killed(t, w, path, 3)
		release, err := w.fetcher.Ledger.Use(w.Sessions()[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		if b := resume(t, w.config(3, delay), path, 9); b.Progress().Adopted != 2 {
			t.Errorf("%d sessions adopted", b.Progress().Adopted)
		}
		if alone := told[LeftAlone](w); len(alone) != 1 || alone[0] != (LeftAlone{Sessions: 1, Err: ErrInUse}) {
			t.Errorf("told %v", alone)
		}
		if left := w.Sessions(); len(left) != 1 {
			t.Errorf("sessions after the run: %v", left)
		}
		release()
		resume(t, w.config(3, delay), path, 9)
		w.clean(t)
	})
}

// resume goes on with the run in a directory, over a list of n lines.
func resume(t *testing.T, cfg Config, path string, n int) *Batch {
	t.Helper()
	d := openDir(t, path, true)
	b := New(cfg)
	if err := b.Run(context.Background(), NewReader(strings.NewReader(list(n))), d); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return b
}

// killed leaves in the directory what a run of so many sessions leaves when it is
// killed.
func killed(t *testing.T, w *world, path string, sessions int) {
	t.Helper()
	d := openDir(t, path, false)
	d.log.serve(w.config(0, delay).Service)
	for range sessions {
		s, err := w.fetcher.NewSession(context.Background())
		if err == nil {
			err = d.log.made(s.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}
