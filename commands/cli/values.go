package cli

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The functions below return a [Flag.Set] that fills p. Their errors say what is wrong
// with the value; the flag's name is added by the caller.

// ErrEmpty says that a flag was given without a value.
var ErrEmpty = errors.New("the value is empty")

// Switch takes true or false.
func Switch(p *bool) func(string) error {
	return func(s string) (err error) {
		*p, err = ParseSwitch(s)
		return err
	}
}

// NonEmpty takes any value but the empty one.
func NonEmpty(p *string) func(string) error {
	return func(s string) error {
		if s == "" {
			return ErrEmpty
		}
		*p = s
		return nil
	}
}

// Given takes any value and remembers that there was one.
func Given(p **string) func(string) error {
	return func(s string) error {
		*p = &s
		return nil
	}
}

// Texts collects the values of a flag that may be given many times.
func Texts(p *[]string) func(string) error {
	return func(s string) error {
		if s == "" {
			return ErrEmpty
		}
		*p = append(*p, s)
		return nil
	}
}

// Whole takes a whole number of at least least.
func Whole(p *int, least int) func(string) error {
	return func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", s)
		}
		if n < least {
			return fmt.Errorf("%d is less than %d", n, least)
		}
		*p = n
		return nil
	}
}

// Number takes a number greater than zero.
func Number(p *float64) func(string) error {
	return func(s string) error {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || !(f > 0) || math.IsInf(f, 0) {
			return fmt.Errorf("%q is not a number above zero", s)
		}
		*p = f
		return nil
	}
}

// OneOf takes one of the allowed words.
func OneOf(p *string, allowed ...string) func(string) error {
	return func(s string) error {
		if !slices.Contains(allowed, s) {
			return NotAmong(s, allowed...)
		}
		*p = s
		return nil
	}
}

// NotAmong is the error for a value that is none of the allowed words. Completion
// offers those.
func NotAmong(value string, allowed ...string) error {
	return &notAmongError{value, allowed}
}

// notAmongError says which words a flag takes. Completion offers them.
type notAmongError struct {
	value   string
	allowed []string
}

func (e *notAmongError) Error() string {
	return fmt.Sprintf("%q is none of %s", e.value, strings.Join(e.allowed, ", "))
}

// longestDuration stands for all longer ones, which people write for "for ever". Sums of
// a few of it do not overflow.
const longestDuration = 10 * 365 * 24 * time.Hour

// ParseDuration reads a duration, or a plain number of seconds. More than ten years are
// ten years; less than a nanosecond is an error, since 0 often means no limit.
func ParseDuration(s string) (time.Duration, error) {
	if s == "" {
		return 0, ErrEmpty
	}
	d, err := time.ParseDuration(s)
	if seconds, numErr := strconv.ParseFloat(s, 64); numErr == nil {
		if math.IsNaN(seconds) || math.Abs(seconds) > math.MaxInt64/float64(time.Second) {
			return 0, fmt.Errorf("%q is out of range", s)
		}
		d, err = time.Duration(min(seconds, longestDuration.Seconds())*float64(time.Second)), nil
	}
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is not a duration: write 90s, 1.5m, or a number of seconds", s)
	case d < 0:
		return 0, fmt.Errorf("%q is negative", s)
	case d == 0 && strings.ContainsAny(mantissa(s), "123456789"):
		return 0, fmt.Errorf("%q is less than a nanosecond", s)
	}
	return min(d, longestDuration), nil
}

// mantissa is a number without its exponent.
func mantissa(s string) string {
	if i := strings.IndexAny(s, "eEpP"); i >= 0 {
		return s[:i]
	}
	return s
}

// ParseSwitch reads what switches take after = and in the environment.
func ParseSwitch(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "true", "1", "yes", "on":
		return true, nil
	case "false", "0", "no", "off":
		return false, nil
	case "":
		return false, ErrEmpty
	}
	return false, fmt.Errorf("%q is neither true nor false", s)
}
