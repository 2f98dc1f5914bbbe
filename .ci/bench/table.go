//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// line is a line of the table.
type line struct {
	name         string
	theirs, ours string // medians of the wall time, or whatever is measured
	ratio        string // of these
	spread       string // quartiles of the rounds' ratios, or of ours
	cpu          string // ratio of user and system time
	peak         string // resident memory, theirs and ours
	budget       string
	verdict      string
}

// compare makes a line of runs that took turns.
func compare(name string, them, us []sample, limit, reach float64) line {
	ratio := median(us, wall) / median(them, wall)
	q1, _, q3 := quartiles(ratios(them, us, wall))
	return line{
		name: name, theirs: seconds(median(them, wall)), ours: seconds(median(us, wall)),
		ratio:   fmt.Sprintf("%.2f", ratio),
		spread:  fmt.Sprintf("%.2f–%.2f", q1, q3),
		cpu:     fmt.Sprintf("%.2f", median(us, cpu)/median(them, cpu)),
		peak:    megabytes(median(them, memory)) + " / " + megabytes(median(us, memory)),
		budget:  budget(limit, reach, "%g"),
		verdict: verdict(ratio, limit, reach),
	}
}

// alone makes a line of one time that nothing is compared with.
func alone(name string, us []sample, limit float64) line {
	q1, m, q3 := quartiles(each(us, wall))
	return line{
		name: name, ours: seconds(m), spread: seconds(q1) + "–" + seconds(q3),
		cpu: "", peak: megabytes(median(us, memory)),
		budget: budget(limit, 0, "%g s"), verdict: verdict(m, limit, 0),
	}
}

func budget(limit, reach float64, format string) string {
	switch {
	case limit == 0:
		return ""
	case reach == 0:
		return fmt.Sprintf(format, limit)
	}
	return fmt.Sprintf(format+" ("+format+")", limit, reach)
}

// verdict says whether a value is within its limit, and whether within what is
// reached for. The value that was measured counts, not the one that is printed.
func verdict(value, limit, reach float64) string {
	switch {
	case limit == 0:
		return ""
	case value > limit:
		return "missed"
	case reach != 0 && value <= reach:
		return "reached"
	}
	return "met"
}

// atLeast is verdict for what is better when it is more.
func atLeast(value, limit, reach float64) string { return verdict(-value, -limit, -reach) }

func printHead() {
	fmt.Println("| what | curl | smp | ratio | quartiles | CPU ratio | peak MB, curl / smp | budget (reach for) | |")
	fmt.Println("|---|--:|--:|--:|--:|--:|--:|--:|---|")
}

func (l line) print() {
	cells := []string{l.name, l.theirs, l.ours, l.ratio, l.spread, l.cpu, l.peak, l.budget, l.verdict}
	fmt.Println("| " + strings.Join(cells, " | ") + " |")
}

// seconds shows a time with three digits.
func seconds(s float64) string {
	switch {
	case s < 0.001:
		return fmt.Sprintf("%.0f µs", s*1e6)
	case s < 0.1:
		return fmt.Sprintf("%.1f ms", s*1e3)
	case s < 1:
		return fmt.Sprintf("%.0f ms", s*1e3)
	}
	return fmt.Sprintf("%.2f s", s)
}

func megabytes(bytes float64) string { return fmt.Sprintf("%.1f", bytes/1e6) }

// printShape says what the figures hold for.
func printShape(b *bench) {
	fmt.Printf("%s, %d cores (together %.1f times the work of one)%s, %s/%s, %s\n", time.Now().Format(time.DateOnly),
		runtime.NumCPU(), parallelism(), installed(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	curl, _, _ := strings.Cut(output("curl", "--version"), " (")
	smp, _, _ := strings.Cut(output(b.smp, "--version"), "\n")
	size := int64(0)
	if info, err := os.Stat(b.smp); err == nil {
		size = info.Size()
	}
	fmt.Printf("%s; %s, %.1f MB\n\n", curl, smp, float64(size)/1e6)
}

// installed is the machine's memory, where it tells.
func installed() string {
	for field := range strings.Lines(output("cat", "/proc/meminfo")) {
		var kilobytes float64
		if _, err := fmt.Sscanf(field, "MemTotal: %f kB", &kilobytes); err == nil {
			return fmt.Sprintf(", %.0f GB", kilobytes/1e6)
		}
	}
	return ""
}

func output(name string, args ...string) string {
	out, _ := exec.Command(name, args...).Output()
	return strings.TrimSpace(string(out))
}
