package spell_test

import (
	"testing"
	"time"

	"smp/client/spell"
)

func TestDuration(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0s", 9 * time.Second: "9s", time.Minute: "1m", 10 * time.Minute: "10m", 65 * time.Second: "1m5s",
		time.Hour: "1h", 90 * time.Minute: "1h30m", time.Hour + 5*time.Second: "1h0m5s", 10 * time.Hour: "10h",
	} {
		if got := spell.Duration(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

func TestRough(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		12300 * time.Microsecond: "12ms", 1260 * time.Millisecond: "1.3s", 61400 * time.Millisecond: "1m1s", time.Hour: "1h",
	} {
		if got := spell.Rough(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

func TestBytes(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0 bytes", 1: "1 byte", 1023: "1023 bytes", 1024: "1.0 KiB", 1536 << 10: "1.5 MiB", 1 << 50: "1024.0 TiB"} {
		if got := spell.Bytes(n); got != want {
			t.Errorf("%d bytes: %q, want %q", n, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 lines", 1: "1 line", 2: "2 lines"} {
		if got := spell.Count(n, "line"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestRelative(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration]string{
		0:                                "now",
		400 * time.Millisecond:           "now",
		8600 * time.Millisecond:          "in 9 s",
		-59 * time.Second:                "59 s ago",
		-59600 * time.Millisecond:        "1 min ago",
		-3 * time.Minute:                 "3 min ago",
		28*time.Minute + 20*time.Second:  "in 28 min",
		59*time.Minute + 40*time.Second:  "in 1 h",
		-90 * time.Minute:                "2 h ago",
		-47 * time.Hour:                  "47 h ago",
		-(47*time.Hour + 40*time.Minute): "2 days ago",
		-80 * time.Hour:                  "3 days ago",
	} {
		if got := spell.Relative(now.Add(d), now); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
	if got := spell.Relative(time.Time{}, now); got != "" {
		t.Errorf("an unknown time is %q", got)
	}
}

func TestSeconds(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{0: "0s", 1: "1s", 300 * time.Millisecond: "1s", time.Second: "1s", 61100 * time.Millisecond: "1m2s"} {
		if got := spell.Seconds(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}
