package commands

import (
	"context"
	"errors"
	"fmt"
	"os"

	"smp/commands/cli"
	"smp/commands/process"
)

// What session run, exec and mock have in common: a COMMAND that smp runs.

// findCommand refuses a COMMAND that cannot be run, before anything is made for it. how
// shows how one is named.
func findCommand(args []string, how string) error {
	switch {
	case len(args) == 0:
		return cli.Usagef("no COMMAND to run").Hint("%s", how)
	case args[0] == "":
		return cli.Usagef("the name of COMMAND is empty")
	}
	if _, err := (&process.Command{Args: args}).Find(); err != nil {
		return notRun(args, process.StartCode(err), err)
	}
	return nil
}

// runCommand runs COMMAND with smp's streams, and returns its exit code. Signals that come
// meanwhile are for COMMAND. The error is that COMMAND did not run.
func (a *app) runCommand(ctx context.Context, c *process.Command) (int, error) {
	c.Stdin, c.Stdout, c.Stderr = a.env.Stdin, a.env.Stdout.Writer, a.env.Stderr.Writer
	release := a.env.holdSignals()
	defer release()
	if ctx.Err() != nil {
		return 0, context.Cause(ctx) // a signal that COMMAND could not be sent
	}
	code, err := c.Run()
	if err != nil {
		return 0, notRun(c.Args, code, err)
	}
	return code, nil
}

// exitAs ends the run with COMMAND's exit code.
func exitAs(code int) error {
	if code == 0 {
		return nil
	}
	return &exitError{code: code}
}

// beforeCommand gives an error from before COMMAND ran the code for that, unless it is
// a usage error.
func beforeCommand(err error) error {
	if errors.As(err, new(*cli.UsageError)) || errors.As(err, new(*SignalError)) {
		return err
	}
	return &exitError{code: exitNotStarted, err: err}
}

func notRun(args []string, code int, err error) error {
	return &exitError{code: code, err: fmt.Errorf("%s: %w", args[0], err)}
}

// keyReadTwice refuses a key that can be read only once: other needs it too.
func (a *app) keyReadTwice(other string) error {
	source := "a pipe"
	switch file := a.source().KeyFile(); {
	case file == "-":
		source = "stdin"
	case !isPipe(file):
		return nil
	}
	return cli.Usagef("an API key from %s cannot be handed on to %s", source, other).
		Hint("export SMP_API_KEY, or keep the key in a file: --api-key-file FILE")
}

// isPipe reports whether a file is a pipe, which can be read only once.
func isPipe(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&os.ModeNamedPipe != 0
}
