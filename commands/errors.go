package commands

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strings"
	"syscall"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/client/paced"
	"smp/commands/answer"
	"smp/commands/cli"
	"smp/commands/term"
)

// How errors are told. An error is one fact a line, lower case, without a full
// stop: what was tried, what came back. A hint is one thing to do, with the
// command to type. Text of the service is quoted as it came, secrets and control
// characters aside. The exit code follows from the error's type, here alone, unless
// a command chose its own with an exitError. main has the last word: a process that
// a signal ended dies of that signal.

// exitError ends the run with the code of a command's choice, even if a signal came
// meanwhile. Without err nothing is printed. Nil hints are those that err has elsewhere.
type exitError struct {
	code    int
	err     error
	hints   []string
	session string // the one it is about, if any
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// SignalError is the cause of a context that ended because a signal came.
type SignalError struct{ Signal os.Signal }

func (e *SignalError) Error() string { return "stopped by " + e.Signal.String() }

// code is what a shell sees of a program that died of the signal.
func (e *SignalError) code() int {
	if number, ok := e.Signal.(syscall.Signal); ok {
		return exitSignal + int(number)
	}
	return exitUnforeseen
}

// diagnosis is what is printed about an error, and its exit code.
type diagnosis struct {
	code    int
	silent  bool // nothing is said on stderr
	message string
	hints   []string
	json    paced.Failure
}

// errorJSON is the error member of a JSON document; nil for no error.
func (a *app) errorJSON(ctx context.Context, err error) *paced.Failure {
	if err == nil {
		return nil
	}
	d := diagnose(ctx, err)
	d.json.Message = a.messages.Redact(d.json.Message)
	return &d.json
}

// finish prints the error that ended the run, and returns the exit code.
func (a *app) finish(ctx context.Context, err error) int {
	defer a.messages.End()
	a.messages.ClearStatus()
	if err == nil {
		return 0
	}
	d := diagnose(ctx, err)
	if !d.silent {
		a.messages.Error(d.message, a.hintsOnTrust(err, d.hints))
	}
	if a.out.JSON && !a.out.PrintedJSON() {
		_ = a.out.PrintJSON(ctx, struct {
			Error *paced.Failure `json:"error"`
		}{a.errorJSON(ctx, err)})
	}
	return d.code
}

// diagnose finds the exit code and the message of any error. After a signal the signal
// is the reason, unless a command chose its own code.
func diagnose(ctx context.Context, err error) diagnosis {
	d := classify(err)
	if session, ok := errors.AsType[*refError](err); ok {
		d.hints = session.hints(d)
	}
	d.message = err.Error()
	if limit, ok := errors.AsType[*paced.TimeoutError](err); ok {
		d.message = strings.Replace(d.message, limit.Error(), limit.Error()+", the limit of --timeout", 1)
	}
	if signal := new(SignalError); errors.As(context.Cause(ctx), &signal) && !errors.As(err, new(*exitError)) {
		d = diagnosis{code: signal.code(), silent: true, message: signal.Error()}
	}
	d.json.Message = d.message
	return d
}

// classify decides by the type of an error that err wraps, in this order.
func classify(err error) diagnosis {
	var (
		usage    *cli.UsageError
		exit     *exitError
		output   *term.WriteError
		exchange *client.Error
		long     *answer.TooLongError
		late     *ledger.TooLate
		busy     *ledger.BusyError
		ended    *ledger.EndedError
		name     *unknownNameError
		region   *ledger.RegionError
		state    *ledger.StateError
		redirect *paced.RedirectError
		timeout  *paced.TimeoutError
		file     *fs.PathError
	)
	switch {
	case errors.As(err, &exit):
		return chosen(exit)
	case errors.As(err, &usage):
		return diagnosis{code: exitUsage, hints: usage.Hints}
	case errors.As(err, &output):
		return unwritable(output)
	case errors.As(err, &exchange):
		return answered(exchange)
	case errors.As(err, &state):
		return diagnosis{code: exitUsage, hints: []string{stateHint(state)}}
	case errors.As(err, &long):
		return diagnosis{code: exitHopeless, hints: []string{"allow more: --max-filesize BYTES"}}
	case errors.As(err, &late):
		return tooLate(late)
	case errors.As(err, &name):
		return diagnosis{code: exitSession, hints: []string{"smp session create --name " + name.name, "smp session list --local"}}
	case errors.As(err, &busy):
		return tooBusy(busy)
	case errors.Is(err, ledger.ErrElsewhere):
		return diagnosis{code: exitLater, hints: []string{"the other process told why; try again"}}
	case errors.As(err, &ended):
		return diagnosis{code: exitSession, hints: classHints[client.SessionDead], json: paced.Failure{Session: ended.Session}}
	case errors.Is(err, ledger.ErrSessionDead), errors.Is(err, ledger.ErrReplacedTooSoon):
		return diagnosis{code: exitSession, hints: []string{"smp session create"}}
	case errors.As(err, &region):
		return diagnosis{code: exitUsage, hints: []string{"another session, for another region: smp session create"}}
	case errors.As(err, &timeout):
		return diagnosis{code: exitNetwork, hints: moreTime(timeout)}
	case errors.As(err, &redirect):
		return unfollowed(redirect)
	case errors.As(err, &file): // a file that was named for output
		return diagnosis{code: exitUsage}
	}
	return diagnosis{code: exitUnforeseen}
}

// chosen diagnoses an error with a code of a command's own.
func chosen(exit *exitError) diagnosis {
	if exit.err == nil {
		return diagnosis{code: exit.code, silent: true}
	}
	d := classify(exit.err)
	d.code = exit.code
	d.json.Session = cmp.Or(exit.session, d.json.Session)
	if exit.hints != nil {
		d.hints = exit.hints
	}
	return d
}

// unwritable is silent if the reader of stdout has left, as after SIGPIPE.
func unwritable(err *term.WriteError) diagnosis {
	if errors.Is(err, syscall.EPIPE) {
		return diagnosis{code: exitSignal + int(syscall.SIGPIPE), silent: true}
	}
	return diagnosis{code: exitUnforeseen}
}

func unfollowed(redirect *paced.RedirectError) diagnosis {
	d := diagnosis{code: exitUnforeseen}
	d.json.Status = redirect.Status
	if redirect.TooMany {
		d.hints = []string{"allow more: --max-redirs N"}
	}
	return d
}

// tooLate suggests the whole wait, the part that has passed included: what is left of it
// may be less than the limit that was too short.
func tooLate(late *ledger.TooLate) diagnosis {
	d := diagnosis{code: exitLater, hints: []string{allowWait(late.Waited + late.Wait)}}
	if late.Unanswered {
		d.hints = append(d.hints, "an earlier request is not answered yet, and its process may be stopped: end it, or send without waiting: --unpaced")
	}
	d.json.Session = late.Session
	d.json.RetryAfter = paced.Seconds(late.Wait)
	return d
}

// leastAllowed is the shortest wait that is suggested for a call of another process's.
const leastAllowed = time.Minute

// tooBusy suggests twice as long as was not enough.
func tooBusy(busy *ledger.BusyError) diagnosis {
	return diagnosis{code: exitLater, hints: []string{
		allowWait(max(leastAllowed, 2*busy.Waited)), "or end the other process, which may be stopped",
	}}
}

// allowWait suggests a limit of whole seconds, never less than is needed.
func allowWait(needed time.Duration) string {
	return fmt.Sprintf("allow the wait: --max-wait %.0f", math.Ceil(needed.Seconds()))
}

// known gives a pointer to v, nil for the zero value.
func known[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
