package progress

import (
	"fmt"
	"strings"

	"smp/client/batch"
	"smp/client/spell"
)

// The bar, brackets left out.
const (
	leastBar  = 10
	mostBar   = 30
	barFrom   = 50 // columns of a terminal that has room for a bar and for what matters
	barAround = len("[] ")
)

// progressLine is progressText in width columns, behind a bar if there is room for one.
// Clauses that do not fit are left out, the last first.
func progressLine(p batch.Progress, width int) string {
	clauses, room := progressClauses(p), width
	bar := p.Total > 0 && width >= barFrom
	if bar {
		room -= leastBar + barAround
	}
	for len(clauses) > 1 && len(strings.Join(clauses, ", ")) > room {
		clauses = clauses[:len(clauses)-1]
	}
	text := strings.Join(clauses, ", ")
	if !bar {
		return text
	}
	size := max(min(width-len(text)-barAround, mostBar), 0)
	full := min(size*(p.Skipped+p.Succeeded+p.Failed)/p.Total, size)
	return "[" + strings.Repeat("=", full) + strings.Repeat(" ", size-full) + "] " + text
}

// progressText is all that there is to say.
func progressText(p batch.Progress) string { return strings.Join(progressClauses(p), ", ") }

// progressClauses begin with what matters most.
func progressClauses(p batch.Progress) []string {
	done := p.Skipped + p.Succeeded + p.Failed
	clauses := []string{spell.Count(done, "line")}
	if p.Total > 0 {
		clauses[0] = fmt.Sprintf("%d of %s (%d%%)", done, spell.Count(p.Total, "line"), 100*done/p.Total)
	}
	add := func(when bool, format string, args ...any) {
		if when {
			clauses = append(clauses, fmt.Sprintf(format, args...))
		}
	}
	add(p.Failed > 0, "%s", strings.TrimPrefix(failures(p.Failed, p.Failures), ", "))
	add(p.Left >= 0, "%s left", spell.Seconds(p.Left))
	add(true, "%s", rate(p.Rate))
	if sessions := spell.Count(p.Sessions, "session"); p.Resting > 0 {
		add(true, "%s (%d waiting)", sessions, p.Resting)
	} else {
		add(true, "%s", sessions)
	}
	add(p.Retried > 0, "%d repeated", p.Retried)
	return clauses
}

// rate shows lines a second, or a minute where that is less than one.
func rate(perSecond float64) string {
	switch {
	case perSecond >= 10:
		return fmt.Sprintf("%.0f/s", perSecond)
	case perSecond >= 1:
		return fmt.Sprintf("%.1f/s", perSecond)
	}
	return fmt.Sprintf("%.1f/min", perSecond*60)
}
