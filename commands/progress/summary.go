package progress

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"smp/client/batch"
	"smp/client/paced"
	"smp/client/spell"
)

// Summary is what there is to say of a batch that is over, as --json prints it.
type Summary struct {
	Lines     int            `json:"lines"` // of those read, where the list cannot be read twice
	Skipped   int            `json:"skipped"`
	Succeeded int            `json:"succeeded"`
	Failed    int            `json:"failed"`
	Open      int            `json:"open"`
	Failures  map[string]int `json:"failures"`
	Requests  int            `json:"requests"`
	Retried   int            `json:"retried"`
	Bytes     int64          `json:"bytes"`
	Sessions  SessionCounts  `json:"sessions"`
	IPs       int            `json:"ips"`
	ElapsedS  float64        `json:"elapsed_s"`
	BoundS    float64        `json:"bound_s"`  // (ceil(lines / IPs) − 1) × delay
	WaitedS   float64        `json:"waited_s"` // for slots, over all sessions
	Error     *paced.Failure `json:"error"`
}

// SessionCounts say what became of the sessions of a batch.
type SessionCounts struct {
	Made    int `json:"made"`
	Adopted int `json:"adopted"` // of an earlier run
	Lost    int `json:"lost"`    // found dead or banned, and replaced where a line needed it
	Left    int `json:"left"`    // could not be deleted
}

// NewSummary sums up a batch that is over.
func NewSummary(p batch.Progress) *Summary {
	lines := max(p.Lines, p.Total)
	return &Summary{
		Lines: lines, Skipped: p.Skipped, Succeeded: p.Succeeded, Failed: p.Failed,
		Open:     lines - p.Skipped - p.Succeeded - p.Failed,
		Failures: p.Failures, Requests: p.Requests, Retried: p.Retried, Bytes: p.Bytes,
		Sessions: SessionCounts{Made: p.Made, Adopted: p.Adopted, Lost: p.Lost, Left: p.Kept},
		IPs:      p.IPs, ElapsedS: paced.Seconds(p.Elapsed), BoundS: paced.Seconds(p.Bound), WaitedS: paced.Seconds(p.Waited),
	}
}

// Tell is the summary for people, in lines.
func (s *Summary) Tell() []string {
	lines := []string{fmt.Sprintf("%s: %d succeeded%s%s%s, %s in %s", spell.Count(s.Lines, "line"), s.Succeeded,
		clause(s.Skipped, " before"), failures(s.Failed, s.Failures), clause(s.Open, " open"),
		spell.Bytes(s.Bytes), spell.Rough(paced.Duration(s.ElapsedS)))}
	sessions := clause(s.Sessions.Adopted, " adopted") + clause(s.Sessions.Lost, " lost") + clause(s.Sessions.Left, " left behind")
	if s.Sessions.Made > 0 {
		sessions = ", " + spell.Count(s.Sessions.Made, "session") + " made" + sessions
	}
	if s.IPs > 0 {
		sessions += ", " + spell.Count(s.IPs, "outgoing IP")
	}
	if s.BoundS > 0 {
		sessions += ", the delay alone takes " + spell.Rough(paced.Duration(s.BoundS))
	}
	if sessions == "" {
		return lines
	}
	return append(lines, strings.TrimPrefix(sessions, ", "))
}

// clause is a clause such as ", 3 lost"; empty for none.
func clause(n int, what string) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %d%s", n, what)
}

// failures is a clause such as ", 6 failed (4 network, 2 upstream)"; empty for none.
func failures(n int, byClass map[string]int) string {
	if n == 0 {
		return ""
	}
	classes := slices.SortedFunc(maps.Keys(byClass), func(a, b string) int {
		if d := byClass[b] - byClass[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	var parts []string
	for _, class := range classes {
		parts = append(parts, fmt.Sprintf("%d %s", byClass[class], class))
	}
	return fmt.Sprintf(", %d failed (%s)", n, strings.Join(parts, ", "))
}

// MayImprove reports whether some line failed that another try may better.
func (s *Summary) MayImprove() bool {
	for class := range s.Failures {
		if class != "input" && class != "hopeless" {
			return true
		}
	}
	return false
}
