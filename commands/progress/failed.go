package progress

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// maxToldLines bounds how many failed lines are named at the end of a batch.
const maxToldLines = 10

// FailedLines remembers which lines of a batch failed: the first ones, and how many. It
// is safe for concurrent use.
type FailedLines struct {
	mu    sync.Mutex
	first []int
	count int
}

func (f *FailedLines) add(number int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.count++; len(f.first) < maxToldLines {
		f.first = append(f.first, number)
	}
}

// String names the lines: "lines 3, 5 and 9"; it is empty without any.
func (f *FailedLines) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.count == 0 {
		return ""
	}
	names := make([]string, len(f.first))
	for i, number := range slices.Sorted(slices.Values(f.first)) {
		names[i] = strconv.Itoa(number)
	}
	last := len(names) - 1
	switch {
	case f.count > len(names):
		return fmt.Sprintf("lines %s and %d more", strings.Join(names, ", "), f.count-len(names))
	case last == 0:
		return "line " + names[0]
	}
	return "lines " + strings.Join(names[:last], ", ") + " and " + names[last]
}
