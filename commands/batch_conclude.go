package commands

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"smp/client/batch"
	"smp/client/spell"
	"smp/commands/cli"
	"smp/commands/progress"
	"smp/commands/term"
)

// conclude prints the summary and returns the error that the batch ends with.
func (o *batchOptions) conclude(ctx context.Context, p batch.Progress, err error) error {
	summary := progress.NewSummary(p)
	err = o.ending(summary, err)
	for _, line := range summary.Tell() {
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
func (o *batchOptions) ending(s *progress.Summary, err error) error {
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

// failureHints say how to see what failed, and how to try it again where that may help.
func (o *batchOptions) failureHints(s *progress.Summary) []string {
	if o.outputDir == "" {
		return nil
	}
	filter := "jq -r 'select(.error) | [.line, .url, .error.message] | @tsv' "
	if o.resume { // what failed in an earlier run may have succeeded since
		filter = "jq -rs 'group_by(.line)[] | last | select(.error) | [.line, .url, .error.message] | @tsv' "
	}
	hints := []string{"see why: " + filter + term.Word(filepath.Join(o.outputDir, "results.jsonl"))}
	if s.MayImprove() {
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
