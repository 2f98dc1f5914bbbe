package commands

import (
	"context"
	"errors"

	"smp/client/batch"
	"smp/commands/cli"
	"smp/commands/term"
)

// open opens the place of the results. A list that can be read twice is counted, and
// held against earlier results. The directory is nil if results go to stdout; else the
// caller closes it.
func (o *batchOptions) open(ctx context.Context, plan *batchPlan) (batch.Sink, *batch.Dir, error) {
	if o.outputDir == "" {
		return batch.NewStream(o.app.out.JSONWriter(o.app.out.Writer(ctx))), nil, plan.count(ctx, nil)
	}
	dir, err := term.Await(ctx, func() (*batch.Dir, error) { return batch.OpenDir(o.outputDir, o.resume) }) // reads all results
	if err != nil {
		return nil, nil, o.unusable(err)
	}
	if err = plan.count(ctx, dir.Done()); err == nil {
		err = dir.Begin(ctx)
	}
	if err != nil {
		dir.Close()
		return nil, nil, o.unusable(err)
	}
	return dir, dir, nil
}

// count counts the lines of a list that can be read twice.
func (p *batchPlan) count(ctx context.Context, done *batch.Done) (err error) {
	if !p.list.again() {
		return nil
	}
	p.total, err = term.Await(ctx, func() (int, error) { return p.list.survey(ctx, done, func(*batch.Line) {}) })
	if err != nil {
		return err
	}
	return p.list.rewind()
}

// unusable adds hints to an error about a directory of results.
func (o *batchOptions) unusable(err error) error {
	changed := new(batch.ChangedError)
	switch {
	case errors.Is(err, batch.ErrHasResults):
		return cli.Usagef("%v", err).Hint("go on with it: --resume").Hint("or keep the results apart: --output-dir DIR")
	case errors.Is(err, batch.ErrDirInUse):
		return cli.Usagef("%v", err).Hint("wait for that run, or keep the results apart: --output-dir DIR")
	case errors.As(err, &changed):
		return cli.Usagef("%s: %v", o.outputDir, err).Hint("give the list as it was, or keep the results apart: --output-dir DIR")
	}
	return asUsage(err)
}
