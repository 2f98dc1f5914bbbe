//go:build soak

package commands_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"smp/client/mock"
)

var soakFor = flag.Duration("soak", 5*time.Minute, "how long to run batches against a mock")

// sample is what the mock's process holds when nothing is going on.
type sample struct{ goroutines, descriptors, heap int }

// A mock and batch after batch against it, http and https, through faults of every
// kind, for as long as -soak says. The mock, which lives in this process, needs no
// more of anything at the end than at the beginning.
func TestSoak(t *testing.T) {
	m := startMock(t, mock.Config{Delay: -1, Seed: 7, IPs: 100})
	var list strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&list, "%s://shop%d.test/anything/%d\n", []string{"http", "https"}[i%2], i%7, i)
	}
	// The mock keeps its last 10,000 requests: before they are there, it grows.
	for range 12 {
		soakRound(t, m, list.String())
	}
	var samples []sample
	told := time.Now()
	for end := time.Now().Add(*soakFor); time.Now().Before(end); {
		soakRound(t, m, list.String())
		samples = append(samples, idle())
		if time.Since(told) > 15*time.Second {
			told = time.Now()
			t.Logf("%d batches: %+v", len(samples), samples[len(samples)-1])
		}
	}
	if len(samples) < 8 {
		t.Fatalf("%d batches are too few to tell", len(samples))
	}
	quarter := len(samples) / 4
	first, last := median(samples[:quarter]), median(samples[len(samples)-quarter:])
	t.Logf("%d batches of 1,000 lines: from %+v to %+v", len(samples), first, last)
	if last.goroutines > first.goroutines+5 || last.descriptors > first.descriptors+5 || last.heap > first.heap+first.heap/5+1<<20 {
		t.Errorf("it grows: from %+v to %+v", first, last)
	}
}

// soakRound is one batch, some of it going wrong, after which no session is left.
func soakRound(t *testing.T, m *mock.Server, list string) {
	t.Helper()
	cmd := program(t, m.URL(), "batch", "--delay", "0", "--sessions", "20", "--retry", "50", "--output-dir", "pages", "list")
	cmd.Env = append(cmd.Env, "SMP_CACERT=ca.pem", "SMP_TIME_SCALE=1000")
	for name, text := range map[string]string{"list": list, "ca.pem": string(m.CACert())} {
		if err := os.WriteFile(filepath.Join(cmd.Dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	arm(t, m, "reset@0.01 truncate@0.01 banned@0.005 noslaves@0.01 garbage@0.005 serverbusy@0.01 bad_session_id@0.002")
	said, err := cmd.CombinedOutput()
	arm(t, m, "")
	if err != nil {
		t.Errorf("%v: %s", err, said)
	}
	clean := again(t, cmd)
	clean.Args = []string{clean.Path, "session", "delete", "--all", "--yes"}
	if said, err := clean.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
	if err := os.RemoveAll(cmd.Dir); err != nil {
		t.Fatal(err)
	}
}

// arm replaces the faults of the mock.
func arm(t *testing.T, m *mock.Server, faults string) {
	t.Helper()
	method := http.MethodPost
	if faults == "" {
		method = http.MethodDelete
	}
	req, err := http.NewRequestWithContext(t.Context(), method, m.URL()+"/_mock/faults", strings.NewReader(faults))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		t.Fatalf("faults: %s", resp.Status)
	}
}

// idle samples once what the last batch left has ended, or will not.
func idle() sample {
	least := sample{goroutines: 1 << 30, descriptors: 1 << 30}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 10 {
		<-tick.C
		entries, _ := os.ReadDir("/proc/self/fd")
		least.goroutines = min(least.goroutines, runtime.NumGoroutine())
		least.descriptors = min(least.descriptors, len(entries))
	}
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	least.heap = int(memory.HeapAlloc)
	return least
}

func median(samples []sample) sample {
	of := func(value func(sample) int) int {
		values := make([]int, len(samples))
		for i, s := range samples {
			values[i] = value(s)
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return sample{
		of(func(s sample) int { return s.goroutines }), of(func(s sample) int { return s.descriptors }), of(func(s sample) int { return s.heap }),
	}
}
