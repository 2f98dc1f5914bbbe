package cli

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	good := map[string]time.Duration{
		"5": 5 * time.Second, "0": 0, "0.25": 250 * time.Millisecond, "1e2": 100 * time.Second,
		"90s": 90 * time.Second, "1h30m": 90 * time.Minute, "1.5m": 90 * time.Second, "250ms": 250 * time.Millisecond,
		"9223372036": longestDuration, "2562047h": longestDuration, "0.0": 0, "0e5": 0, "0s": 0, "1ns": 1,
	}
	for s, want := range good {
		if got, err := ParseDuration(s); err != nil || got != want {
			t.Errorf("%q: got %v, %v, want %v", s, got, err, want)
		}
	}
	bad := map[string]string{
		"": "empty", "-5": "negative", "-1s": "negative", "abc": "not a duration", "5 s": "not a duration",
		"NaN": "out of range", "Inf": "out of range", "1e300": "out of range", "5d": "not a duration",
		"1e-300": "less than", "0.0000000001": "less than", "0.1ns": "less than",
	}
	for s, want := range bad {
		if _, err := ParseDuration(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", s, err, want)
		}
	}
}

func TestSetters(t *testing.T) {
	t.Parallel()
	var (
		b    bool
		s, w string
		all  []string
		n    int
		f    float64
	)
	tests := []struct {
		name, value string
		set         func(string) error
		err         string
		want        func() bool
	}{
		{"on", "true", Switch(&b), "", func() bool { return b }},
		{"on", "false", Switch(&b), "", func() bool { return !b }},
		{"on", "maybe", Switch(&b), "neither true nor false", nil},
		{"on", "", Switch(&b), "empty", nil},
		{"nonEmpty", "x", NonEmpty(&s), "", func() bool { return s == "x" }},
		{"nonEmpty", "", NonEmpty(&s), "empty", nil},
		{"list", "a,b", Texts(&all), "", func() bool { return len(all) == 1 && all[0] == "a,b" }},
		{"list", "c", Texts(&all), "", func() bool { return len(all) == 2 && all[1] == "c" }},
		{"list", "", Texts(&all), "empty", nil},
		{"whole", "3", Whole(&n, 1), "", func() bool { return n == 3 }},
		{"whole", "0", Whole(&n, 1), "less than 1", nil},
		{"whole", "1.5", Whole(&n, 1), "not a whole number", nil},
		{"number", "0.5", Number(&f), "", func() bool { return f == 0.5 }},
		{"number", "0", Number(&f), "above zero", nil},
		{"number", "Inf", Number(&f), "above zero", nil},
		{"oneOf", "b", OneOf(&w, "a", "b"), "", func() bool { return w == "b" }},
		{"oneOf", "c", OneOf(&w, "a", "b"), "none of a, b", nil},
	}
	for _, tt := range tests {
		err := tt.set(tt.value)
		switch {
		case tt.err == "" && err != nil:
			t.Errorf("%s %q: %v", tt.name, tt.value, err)
		case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
			t.Errorf("%s %q: got %v, want %q", tt.name, tt.value, err, tt.err)
		case tt.want != nil && !tt.want():
			t.Errorf("%s %q: not set", tt.name, tt.value)
		}
	}
}

// A duration is not negative, and a plain number is seconds.
func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"5", "1.5", "12s", "1h2m", "-1", "1e400", "NaN", "0x1p10", "9223372036854775807", "1_0", "+3", ".5", "5 s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDuration(s)
		if err == nil && (d < 0 || d == math.MaxInt64) {
			t.Errorf("%q is %s", s, d)
		}
		if err != nil && d != 0 {
			t.Errorf("%q: %s beside %v", s, d, err)
		}
	})
}
