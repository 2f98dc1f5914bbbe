package batch

import (
	"slices"
	"time"
)

// Load is how many lines need which delay.
type Load map[time.Duration]int

// Lines is the number of all lines.
func (l Load) Lines() int {
	sum := 0
	for _, n := range l {
		sum += n
	}
	return sum
}

// Duration is how long a pool needs at least, from its first request to its last,
// when no two of its sessions share an outgoing IP. That is (ceil(lines/sessions)
// − 1) × delay. Where delays differ, the lines with the longest go first. No
// other order of the same rounds takes longer. The time of the requests
// themselves is not in it.
//
// It is 0 for fewer than one session.
func (l Load) Duration(sessions int) time.Duration {
	if sessions < 1 {
		return 0
	}
	delays := make([]time.Duration, 0, len(l))
	for delay, n := range l {
		if n > 0 {
			delays = append(delays, delay)
		}
	}
	slices.Sort(delays)
	slices.Reverse(delays)

	// A round is one line for each session; the gap before the next round is the
	// longest delay in it, that of its first line.
	rounds := (l.Lines() + sessions - 1) / sessions
	var total time.Duration
	first, end := 0, 0 // first: rounds counted so far
	for _, delay := range delays {
		end += l[delay]
		upTo := min((end+sessions-1)/sessions, rounds-1)
		total += time.Duration(max(0, upTo-first)) * delay
		first = max(first, upTo)
	}
	return total
}

// Sessions is the smallest pool whose Duration is at most deadline.
func (l Load) Sessions(deadline time.Duration) int {
	lines := l.Lines()
	if lines == 0 {
		return 0
	}
	low, high := 1, lines // of as many sessions as lines each has one request
	for low < high {
		middle := low + (high-low)/2
		if l.Duration(middle) <= deadline {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}
