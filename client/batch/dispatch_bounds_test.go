package batch

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smp/client/mock"
)

// When everything fails, few lines are begun before the first are tried again: the
// others stay in the list.
func TestFewLinesWaitForAnotherTry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{Delay: -1, Faults: []mock.Fault{{Name: "econnreset", On: "target"}}})
		came, begun, again := &arrivals{}, 0, false
		w.meddle(func(request string) (time.Duration, error) {
			if path, found := strings.CutPrefix(request, "GET http://shop.test"); found {
				again = came.note(path[:strings.IndexByte(path, ' ')]) > 0 || again
				if !again {
					begun++
				}
			}
			return 0, nil
		})
		config := w.config(1, 0)
		config.Job.Retry = 1
		if _, err := run(t, config, 60, newSink()); err != nil {
			t.Fatal(err)
		}
		if begun < 16 || begun > 17 || !again { // one may be at hand
			t.Errorf("%d lines were begun before the first was tried again, want 16", begun)
		}
	})
}

func TestTwoLinesASessionMayWaitForAnotherTry(t *testing.T) {
	t.Parallel()
	for sessions, want := range map[int]int{1: 16, 8: 16, 9: 18, 20: 40} {
		d := &dispatcher{growth: growth{target: sessions}}
		if got := d.maxAgain(); got != want {
			t.Errorf("%d sessions: %d lines, want %d", sessions, got, want)
		}
	}
}

// A worker whose first line ended is no more on its way out, whether its request left or
// not.
func TestALineThatEndsStartsItsWorker(t *testing.T) {
	t.Parallel()
	d := &dispatcher{Batch: New(Config{})}
	d.workers.add(newWorker(&poolSession{id: "1"}))
	w := d.workers.take()
	if !w.starting || d.workers.starting != 1 {
		t.Fatal("the worker does not start")
	}
	d.busy = 1
	d.takeBack(event{kind: lineDone, worker: w})
	if w.starting || d.workers.starting != 0 || d.busy != 0 {
		t.Errorf("%d workers start, %d are busy", d.workers.starting, d.busy)
	}
}

// Nobody is at work, or rests, when a run is over.
func TestNothingIsLeftOfAPool(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{Faults: []mock.Fault{{Name: "banned", Count: 2, On: "target"}}})
		b, err := run(t, w.config(4, delay), 10, newSink())
		if err != nil {
			t.Fatal(err)
		}
		if p := b.Progress(); p.Sessions != 0 || p.Resting != 0 || p.Lost != 2 {
			t.Errorf("%d sessions are left, %d rest, %d were lost", p.Sessions, p.Resting, p.Lost)
		}
		w.clean(t)
	})
}
