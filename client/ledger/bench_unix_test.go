//go:build unix

package ledger

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// cpu is what this process has used so far.
func cpu(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// reportCPU tells the processor time per operation, which is what the ledger is
// measured by: other work on the machine does not count.
func reportCPU(b *testing.B, since time.Duration) {
	b.ReportMetric(float64(cpu(b)-since)/float64(b.N), "cpu-ns/op")
}

// BenchmarkReservation is all that the ledger costs one paced request, beside
// its waiting, with so many sessions known.
func BenchmarkReservation(b *testing.B) {
	for _, n := range []int{1, 100, 5000} {
		b.Run(fmt.Sprintf("sessions=%d", n), func(b *testing.B) {
			l := filled(b, n)
			i := 0
			began := cpu(b)
			for b.Loop() {
				i++
				reserve(b, l, fmt.Sprint(i%n), Pace{Delay: time.Nanosecond, Patience: NoLimit})
			}
			reportCPU(b, began)
		})
	}
}

// BenchmarkNoDelay is what the ledger costs where nothing is waited for, in a
// program that uses its sessions for long.
func BenchmarkNoDelay(b *testing.B) {
	l := filled(b, 100)
	for i := range 100 {
		release, err := l.Use(fmt.Sprint(i))
		if err != nil {
			b.Fatal(err)
		}
		defer release()
	}
	i := 0
	began := cpu(b)
	for b.Loop() {
		i++
		reserve(b, l, fmt.Sprint(i%20), Pace{Patience: NoLimit})
	}
	reportCPU(b, began)
}

// BenchmarkProcess is the same with opening and closing the ledger, as a process
// does that sends one request.
func BenchmarkProcess(b *testing.B) {
	l := filled(b, 5000)
	dir := l.store.(*disk).dir
	began := cpu(b)
	for b.Loop() {
		l, err := Open(dir, Options{})
		if err != nil {
			b.Fatal(err)
		}
		reserve(b, l, "42", Pace{Delay: time.Nanosecond, Patience: NoLimit})
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
	}
	reportCPU(b, began)
}

func BenchmarkMemory(b *testing.B) {
	l := NewMemory(Options{})
	for b.Loop() {
		reserve(b, l, "42", Pace{Delay: time.Nanosecond, Patience: NoLimit})
	}
}

func reserve(b *testing.B, l *Ledger, id string, p Pace) {
	b.Helper()
	ticket, err := l.Reserve(id, p)
	if err != nil {
		b.Fatal(err)
	}
	if err := ticket.Start(b.Context(), nil); err != nil {
		b.Fatal(err)
	}
	ticket.FirstByte()
	if err := ticket.Done(Feedback{IP: "192.0.2." + id, Session: id}); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkSessions(b *testing.B) {
	l := filled(b, 5000)
	for b.Loop() {
		if all, err := l.Sessions(); err != nil || len(all) != 5000 {
			b.Fatal(len(all), err)
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	l := filled(b, 0)
	i := 0
	for b.Loop() {
		i++
		if err := l.Add(Session{ID: fmt.Sprint(i)}); err != nil {
			b.Fatal(err)
		}
	}
}

// filled is a ledger of sessions with an IP each, all of them used.
func filled(b *testing.B, n int) *Ledger {
	b.Helper()
	l, err := Open(b.TempDir(), Options{Notify: func(err error) { b.Error(err) }})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = l.Close() })
	for i := range n {
		id := fmt.Sprint(i)
		if err := l.Add(Session{ID: id, IP: "192.0.2." + id}); err != nil {
			b.Fatal(err)
		}
		reserve(b, l, id, Pace{Delay: time.Nanosecond, Patience: NoLimit})
	}
	return l
}

// BenchmarkFiftyProcesses reports how much longer than 49 delays fifty requests
// of one IP take, each from a process of its own, and the smallest gap.
func BenchmarkFiftyProcesses(b *testing.B) {
	const delay = 200 * time.Millisecond
	for b.Loop() {
		dir, err := os.MkdirTemp(b.TempDir(), "")
		if err != nil {
			b.Fatal(err)
		}
		var all []*child
		for range 50 {
			all = append(all, start(b, "send", dir, "42", delay.String(), "1"))
		}
		for _, c := range all {
			c.end(b)
		}
		seen := arrivals(b, all...)
		least := time.Hour
		for i := 1; i < len(seen); i++ {
			least = min(least, seen[i].sub(seen[i-1]))
		}
		wall := slices.Max(seen).sub(slices.Min(seen))
		b.ReportMetric(float64(wall)/float64(49*delay), "of-bound")
		b.ReportMetric(float64(least)/float64(delay), "least-gap")
	}
}
