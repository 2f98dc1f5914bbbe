package commands

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"smp/client/batch"
	"smp/client/paced"
	"smp/client/spell"
	"smp/commands/cli"
)

// batchSummary is what --json prints when a batch is over.
type batchSummary struct {
	Lines     int            `json:"lines"` // of those read, where the list cannot be read twice
	Skipped   int            `json:"skipped"`
	Succeeded int            `json:"succeeded"`
	Failed    int            `json:"failed"`
	Open      int            `json:"open"`
	Failures  map[string]int `json:"failures"`
	Requests  int            `json:"requests"`
	Retried   int            `json:"retried"`
	Bytes     int64          `json:"bytes"`
	Sessions  sessionCounts  `json:"sessions"`
	IPs       int            `json:"ips"`
	ElapsedS  float64        `json:"elapsed_s"`
	BoundS    float64        `json:"bound_s"`  // (ceil(lines / IPs) − 1) × delay
	WaitedS   float64        `json:"waited_s"` // for slots, over all sessions
	Error     *paced.Failure `json:"error"`
}

type sessionCounts struct {
	Made    int `json:"made"`
	Adopted int `json:"adopted"` // of an earlier run
	Lost    int `json:"lost"`    // found dead or banned, and replaced where a line needed it
	Left    int `json:"left"`    // could not be deleted
}

func newBatchSummary(p batch.Progress) *batchSummary {
	lines := max(p.Lines, p.Total)
	return &batchSummary{
		Lines: lines, Skipped: p.Skipped, Succeeded: p.Succeeded, Failed: p.Failed,
		Open:     lines - p.Skipped - p.Succeeded - p.Failed,
		Failures: p.Failures, Requests: p.Requests, Retried: p.Retried, Bytes: p.Bytes,
		Sessions: sessionCounts{Made: p.Made, Adopted: p.Adopted, Lost: p.Lost, Left: p.Kept},
		IPs:      p.IPs, ElapsedS: paced.Seconds(p.Elapsed), BoundS: paced.Seconds(p.Bound), WaitedS: paced.Seconds(p.Waited),
	}
}

// conclude prints the summary and returns the error that the batch ends with.
func (o *batchOptions) conclude(ctx context.Context, p batch.Progress, err error) error {
	summary := newBatchSummary(p)
	err = o.ending(summary, err)
	for _, line := range summary.tell() {
		o.app.messages.Info("%s", line)
	}
	if failed := o.failed.String(); failed != "" {
		o.app.messages.Info("failed: %s", failed)
	}
	if summary.Open > 0 && o.outputDir != "" && classify(err).code != exitUsage {
		o.app.messages.Info("to go on: %s", o.resumeCommand())
	}
	if !o.app.out.JSON {
		return err
	}
	summary.Error = o.app.errorJSON(ctx, err)
	return errors.Join(err, o.app.out.PrintJSON(ctx, summary))
}

// ending adds hints to err. Without err, failed lines are an error.
func (o *batchOptions) ending(s *batchSummary, err error) error {
	if changed := new(batch.ChangedError); errors.As(err, &changed) {
		return o.unusable(err)
	}
	if unread := new(batch.ListError); errors.As(err, &unread) {
		return cli.Usagef("%v", err)
	}
	if err != nil || s.Failed == 0 {
		return err
	}
	return &exitError{code: exitLines, err: fmt.Errorf("%d of %s failed", s.Failed, spell.Count(s.Lines, "line")), hints: o.failureHints(s)}
}

// tell is the summary for people, in lines.
func (s *batchSummary) tell() []string {
	lines := []string{fmt.Sprintf("%s: %d succeeded%s%s%s, %s in %s", spell.Count(s.Lines, "line"), s.Succeeded,
		clause(s.Skipped, " before"), failures(s.Failed, s.Failures), clause(s.Open, " open"),
		spell.Bytes(s.Bytes), spell.Rough(lasting(s.ElapsedS)))}
	sessions := clause(s.Sessions.Adopted, " adopted") + clause(s.Sessions.Lost, " lost") + clause(s.Sessions.Left, " left behind")
	if s.Sessions.Made > 0 {
		sessions = ", " + spell.Count(s.Sessions.Made, "session") + " made" + sessions
	}
	if s.IPs > 0 {
		sessions += ", " + spell.Count(s.IPs, "outgoing IP")
	}
	if s.BoundS > 0 {
		sessions += ", the delay alone takes " + spell.Rough(lasting(s.BoundS))
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

// lasting gives seconds of a JSON document as a duration, to the millisecond.
func lasting(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(time.Millisecond)
}
