package client

import (
	"net/http"
	"testing"
	"time"
)

func TestParseDelay(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	tests := map[string]time.Duration{
		"":      0,
		"0":     0,
		"12":    12 * time.Second,
		" 1.5 ": 1500 * time.Millisecond,
		"120.5": 120*time.Second + 500*time.Millisecond,
		"1e2":   100 * time.Second,
		"-1":    0,
		"-0":    0,
		"NaN":   0,
		"inf":   0,
		"+Inf":  0,
		"1e999": 0,
		"0x10":  0,
		"1_000": 0,
		"12s":   0,
		"1,5":   0,
		"1000":  1000 * time.Second,
		"1e300": 1000 * time.Second,
		"99999": 1000 * time.Second,
		"soon":  0,

		now.Add(90 * time.Second).Format(http.TimeFormat): 90 * time.Second,
		now.Add(-time.Hour).Format(http.TimeFormat):       0,
		now.Add(99 * time.Hour).Format(http.TimeFormat):   1000 * time.Second,
		"Friday, 02-Jan-26 03:04:15 GMT":                  10 * time.Second,
	}
	for in, want := range tests {
		if got := parseDelay(in, now); got != want {
			t.Errorf("parseDelay(%q) = %v, want %v", in, got, want)
		}
	}
}

// A date is reckoned by the clock that wrote it, whatever ours says.
func TestSentAt(t *testing.T) {
	t.Parallel()
	then := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	h := http.Header{"Date": {then.Format(http.TimeFormat)}}
	if got := sentAt(h); !got.Equal(then) {
		t.Errorf("sentAt = %v, want %v", got, then)
	}
	if got := sentAt(http.Header{"Date": {"yesterday"}}); time.Since(got) > time.Minute {
		t.Errorf("sentAt without a date = %v", got)
	}
}

func FuzzParseDelay(f *testing.F) {
	for _, s := range []string{"", "1", "1.5", "-1", "NaN", "1e400", "Wed, 14 Oct 2015 11:53:23 GMT", "+1", "."} {
		f.Add(s)
	}
	now := time.Date(2015, 10, 14, 11, 53, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		if d := parseDelay(s, now); d < 0 || d > maxDelay {
			t.Fatalf("parseDelay(%q) = %v", s, d)
		}
	})
}
