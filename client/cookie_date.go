package client

import (
	"strings"
	"time"
)

// parseCookieDate reads a date in any form seen in the wild (RFC 6265, section
// 5.1.1). It looks for a time, a day, a month and a year in any order, and skips all
// else.
func parseCookieDate(s string) (time.Time, bool) {
	var d cookieDate
	for _, token := range strings.FieldsFunc(s, dateDelimiter) {
		d.take(token)
	}
	return d.time()
}

type cookieDate struct {
	hour, minute, second int
	day, year            int
	month                time.Month
	hasTime, hasYear     bool
}

// take fits a token to the first part that it can be and that is still missing.
func (d *cookieDate) take(token string) {
	if !d.hasTime {
		if hour, minute, second, ok := clock(token); ok {
			d.hour, d.minute, d.second, d.hasTime = hour, minute, second, true
			return
		}
	}
	n, digits := leadingNumber(token)
	switch {
	case d.day == 0 && (digits == 1 || digits == 2):
		d.day = n
		if n == 0 {
			d.day = -1 // a day, but none of any month
		}
	case d.month == 0 && monthOf(token) != 0:
		d.month = monthOf(token)
	case !d.hasYear && 2 <= digits && digits <= 4:
		d.year, d.hasYear = fullYear(n), true
	}
}

// time is the date, if all of it is there and exists.
func (d *cookieDate) time() (time.Time, bool) {
	if !d.hasTime || !d.hasYear || d.month == 0 || d.day < 1 || d.year < 1601 ||
		d.hour > 23 || d.minute > 59 || d.second > 59 {
		return time.Time{}, false
	}
	t := time.Date(d.year, d.month, d.day, d.hour, d.minute, d.second, 0, time.UTC)
	return t, t.Day() == d.day
}

func dateDelimiter(r rune) bool {
	return r == '\t' || ' ' <= r && r <= '/' || ';' <= r && r <= '@' || '[' <= r && r <= '`' || '{' <= r && r <= '~'
}

// clock reads "hh:mm:ss", each of one or two digits, whatever follows.
func clock(token string) (hour, minute, second int, ok bool) {
	var part [3]int
	for i := range part {
		n, digits := leadingNumber(token)
		if digits < 1 || digits > 2 {
			return 0, 0, 0, false
		}
		part[i], token = n, token[digits:]
		if i < 2 {
			if !strings.HasPrefix(token, ":") {
				return 0, 0, 0, false
			}
			token = token[1:]
		}
	}
	return part[0], part[1], part[2], true
}

// leadingNumber is the number that a token begins with, and the count of its digits.
func leadingNumber(token string) (n, digits int) {
	for digits < len(token) && '0' <= token[digits] && token[digits] <= '9' {
		if digits < 6 {
			n = n*10 + int(token[digits]-'0')
		}
		digits++
	}
	return n, digits
}

func monthOf(token string) time.Month {
	if len(token) < 3 {
		return 0
	}
	for month := time.January; month <= time.December; month++ {
		if strings.EqualFold(token[:3], month.String()[:3]) {
			return month
		}
	}
	return 0
}

func fullYear(n int) int {
	switch {
	case 70 <= n && n <= 99:
		return n + 1900
	case n < 70:
		return n + 2000
	}
	return n
}
