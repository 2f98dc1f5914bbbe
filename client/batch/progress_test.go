package batch

import (
	"testing"
	"testing/synctest"
	"time"

	"smp/client/paced"
)

func TestTimeLeft(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		lines    int
		rate     float64
		sessions int
		delay    time.Duration
		want     time.Duration
	}{
		{"nothing left", 0, 1, 5, time.Minute, 0},
		{"the first burst deceives", 980, 1000, 20, 12 * time.Second, 49 * 12 * time.Second},
		{"slower than the delay", 100, 0.1, 20, 12 * time.Second, 1000 * time.Second},
		{"no delay", 500, 50, 20, 0, 10 * time.Second},
		{"nothing done yet", 100, 0, 20, 12 * time.Second, 5 * 12 * time.Second},
		{"nothing known", 100, 0, 20, 0, -1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := timeLeft(test.lines, test.rate, test.sessions, test.delay); got != test.want {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
}

func TestProgressOfARun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := Config{Sessions: 4, Total: 40}
		b := New(config)
		if p := b.Progress(); p.Elapsed != 0 || p.Left != -1 {
			t.Errorf("before the run: %+v", p)
		}
		b.count.begin()
		for i := range 10 {
			b.count.read(i == 0)
			if i > 0 {
				b.count.delay(delay)
			}
		}
		b.count.workers(4)
		b.count.resting(3)
		time.Sleep(10 * time.Second)
		for range 4 {
			r := &Record{Report: paced.Report{Bytes: 100, Attempts: 2, IP: "10.0.0.1"}}
			b.count.attempted(r)
			b.count.succeeded(r)
		}
		b.count.failed(classInput)
		p := b.Progress()
		if p.Lines != 10 || p.Skipped != 1 || p.Succeeded != 4 || p.Failed != 1 || open(p) != 4 || p.Bytes != 400 || p.Requests != 8 || p.IPs != 1 {
			t.Errorf("counts: %+v", p.Counts)
		}
		if p.Rate != 0.5 || p.Elapsed != 10*time.Second || p.Sessions != 4 || p.Resting != 3 {
			t.Errorf("rate %v, elapsed %v, %d sessions, %d resting", p.Rate, p.Elapsed, p.Sessions, p.Resting)
		}
		if want := 9 * delay; p.Left != want { // 34 lines over 4 sessions
			t.Errorf("left %v, want %v", p.Left, want)
		}
		if want := 3 * delay; p.Bound != want { // four lines were sent over one IP
			t.Errorf("bound %v, want %v", p.Bound, want)
		}
		p.Failures["input"] = 99
		b.count.end()
		time.Sleep(time.Hour)
		if p := b.Progress(); p.Elapsed != 10*time.Second || p.Failures["input"] != 1 {
			t.Errorf("after the run: %v, %v", p.Elapsed, p.Failures)
		}
	})
}
