package progress

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"smp/client/batch"
)

func progressed(lines, total, failed int) batch.Progress {
	return batch.Progress{
		Counts: batch.Counts{
			Lines: total, Succeeded: lines - failed, Failed: failed, Retried: 4, Sessions: 20, Resting: 14,
			Failures: map[string]int{"network": failed - failed/3, "upstream": failed / 3},
		},
		Total: total, Rate: 1.7, Left: 3*time.Minute + 200*time.Millisecond,
	}
}

func TestProgressText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		p    batch.Progress
		want string
	}{
		{"in the middle", progressed(500, 1000, 6), "500 of 1000 lines (50%), 6 failed (4 network, 2 upstream), 3m1s left, 1.7/s, 20 sessions (14 waiting), 4 repeated"},
		{"of unknown length", batch.Progress{Counts: batch.Counts{Succeeded: 7, Sessions: 1}, Rate: 0.05, Left: -1}, "7 lines, 3.0/min, 1 session"},
		{"fast", batch.Progress{Counts: batch.Counts{Succeeded: 7}, Rate: 5000.4, Left: -1}, "7 lines, 5000/s, 0 sessions"},
		{"resumed", batch.Progress{Counts: batch.Counts{Skipped: 90, Succeeded: 5}, Total: 100, Rate: 10, Left: 0}, "95 of 100 lines (95%), 0s left, 10/s, 0 sessions"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := progressText(test.p); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// A line fits the terminal, has a bar where there is room, and begins with what matters.
func TestProgressLineAtAnyWidth(t *testing.T) {
	t.Parallel()
	p := progressed(500, 1000, 6)
	for width := range 300 {
		line := progressLine(p, width)
		bar := strings.Index(line, "] ") + 2
		if bar == 1 {
			bar = 0
		}
		if !strings.HasPrefix(line[bar:], "500 of 1000 lines (50%)") || !strings.HasPrefix(progressText(p), line[bar:]) {
			t.Fatalf("width %d: %q", width, line)
		}
		if (bar > 0) != (width >= barFrom) || width >= barFrom && (len(line) > width || bar < leastBar+barAround || bar > mostBar+barAround) {
			t.Errorf("width %d: a line of %d, bar of %d: %q", width, len(line), bar, line)
		}
		if full := strings.Count(line[:bar], "="); bar > 0 && full != (bar-barAround)/2 {
			t.Errorf("width %d: half is %q", width, line)
		}
	}
	if line, want := progressLine(p, 79), "[=========          ] 500 of 1000 lines (50%), 6 failed (4 network, 2 upstream)"; line != want {
		t.Errorf("at 80 columns: %q", line)
	}
}

func TestSummaryForPeople(t *testing.T) {
	t.Parallel()
	p := progressed(990, 1000, 9)
	p.Skipped, p.Bytes, p.Elapsed, p.Bound = 5, 3<<20, 588*time.Second, 585*time.Second
	p.Made, p.Lost, p.Kept, p.IPs, p.Adopted = 23, 3, 1, 22, 2
	want := []string{
		"1000 lines: 981 succeeded, 5 before, 9 failed (6 network, 3 upstream), 5 open, 3.0 MiB in 9m48s",
		"23 sessions made, 2 adopted, 3 lost, 1 left behind, 22 outgoing IPs, the delay alone takes 9m45s",
	}
	if diff := cmp.Diff(want, NewSummary(p).Tell()); diff != "" {
		t.Error(diff)
	}
}
