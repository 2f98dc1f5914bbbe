package client

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxDelay is the service's hard limit: it asks for no longer delay.
const maxDelay = 1000 * time.Second

// delayIn is the delay that a header asks for; 0 = none.
func delayIn(header http.Header, name string) time.Duration {
	value := believed(header, name)
	if value == "" {
		return 0
	}
	return parseDelay(value, sentAt(header))
}

// parseDelay reads a delay as the service writes it: seconds, perhaps with a
// fraction, or a date, counted from now. Values that are neither, negative or not
// finite are no delay; longer ones than 1000 s are cut.
func parseDelay(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0
	}
	if strings.Trim(value, "0123456789.eE+-") == "" {
		seconds, err := strconv.ParseFloat(value, 64)
		if err != nil && !math.IsInf(seconds, 0) {
			return 0
		}
		return fromSeconds(seconds)
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxDelay)
}

func fromSeconds(s float64) time.Duration {
	switch {
	case math.IsInf(s, 0) || math.IsNaN(s) || s <= 0:
		return 0
	case s >= maxDelay.Seconds():
		return maxDelay
	}
	return time.Duration(s * float64(time.Second))
}

// sentAt is the Date of the answer, from which its other dates count, or else now.
func sentAt(header http.Header) time.Time {
	if at, err := http.ParseTime(header.Get("Date")); err == nil {
		return at
	}
	return time.Now()
}
