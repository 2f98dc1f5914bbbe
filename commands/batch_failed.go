package commands

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"smp/commands/term"
)

// maxToldLines bounds how many failed lines are named at the end of a batch.
const maxToldLines = 10

// failedLines remembers which lines of a batch failed: the first ones, and how many. It
// is safe for concurrent use.
type failedLines struct {
	mu    sync.Mutex
	first []int
	count int
}

func (f *failedLines) add(number int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.count++; len(f.first) < maxToldLines {
		f.first = append(f.first, number)
	}
}

// String names the lines: "lines 3, 5 and 9"; it is empty without any.
func (f *failedLines) String() string {
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

// failureHints say how to see what failed, and how to try it again where that may help.
func (o *batchOptions) failureHints(s *batchSummary) []string {
	if o.outputDir == "" {
		return nil
	}
	filter := "jq -r 'select(.error) | [.line, .url, .error.message] | @tsv' "
	if o.resume { // what failed in an earlier run may have succeeded since
		filter = "jq -rs 'group_by(.line)[] | last | select(.error) | [.line, .url, .error.message] | @tsv' "
	}
	hints := []string{"see why: " + filter + term.Word(filepath.Join(o.outputDir, "results.jsonl"))}
	if s.mayImprove() {
		hints = append(hints, "try them again: "+o.resumeCommand())
	}
	return hints
}

func (o *batchOptions) resumeCommand() string {
	if o.resume {
		return "the same command"
	}
	return "the same command with --resume"
}

// mayImprove reports whether some line failed that another try may better.
func (s *batchSummary) mayImprove() bool {
	for class := range s.Failures {
		if class != "input" && class != "hopeless" {
			return true
		}
	}
	return false
}
