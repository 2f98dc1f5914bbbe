// Package spell writes durations, numbers and sizes as people do.
package spell

import (
	"fmt"
	"strings"
	"time"
)

// Duration gives a duration as it would be typed, without the units that are zero: 2m,
// not 2m0s.
func Duration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Seconds gives a duration in whole seconds, never less than d.
func Seconds(d time.Duration) string {
	return Duration((d + time.Second - 1).Truncate(time.Second))
}

// Rough gives a duration with no more digits than matter.
func Rough(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		return Duration(d.Round(time.Second))
	case d >= time.Second:
		return Duration(d.Round(100 * time.Millisecond))
	}
	return Duration(d.Round(time.Millisecond))
}

// Relative gives a time as people read it: "3 min ago", "in 12 s". It is empty for the zero
// time.
func Relative(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	switch d := t.Sub(now).Round(time.Second); {
	case d > 0:
		return "in " + roughly(d)
	case d < 0:
		return roughly(-d) + " ago"
	}
	return "now"
}

// roughly rounds a duration to its largest unit.
func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d.Round(time.Minute) < time.Hour:
		return fmt.Sprintf("%d min", d.Round(time.Minute)/time.Minute)
	case d.Round(time.Hour) < 48*time.Hour:
		return fmt.Sprintf("%d h", d.Round(time.Hour)/time.Hour)
	}
	return fmt.Sprintf("%d days", d.Round(24*time.Hour)/(24*time.Hour))
}

// Count gives a number with its noun, in the plural where that is due.
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Bytes gives a size in bytes with its unit.
func Bytes(n int64) string {
	const unit = 1024
	value, units := float64(n), []string{"KiB", "MiB", "GiB", "TiB"}
	if n < unit {
		return Count(int(n), "byte")
	}
	for _, name := range units {
		if value /= unit; value < unit || name == units[len(units)-1] {
			return fmt.Sprintf("%.1f %s", value, name)
		}
	}
	return ""
}
