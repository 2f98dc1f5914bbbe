package commands

import (
	"context"
	"errors"

	"smp/commands/process"
)

// background completes a server in the background with what this run prints to.
func (a *app) background(b process.Server) *process.Server {
	b.Lookup, b.Out, b.Messages, b.Stderr = a.env.lookup, a.out, a.messages, a.env.Stderr
	return &b
}

// startInBackground starts a server and gives what it printed. Its exit code is that of
// this run where it did not become ready.
func startInBackground(ctx context.Context, b *process.Server) (printed string, err error) {
	printed, err = b.Start(ctx)
	if ended, ok := errors.AsType[*process.ExitError](err); ok {
		return "", &exitError{code: ended.Code}
	}
	return printed, err
}
