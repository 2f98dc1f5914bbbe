package commands

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"smp/client/ledger"
	"smp/client/paced"
	"smp/commands/cli"
	"smp/commands/config"
	"smp/commands/request"
)

// sessionWorkers bounds how many calls of the sessions API are under way at once.
const sessionWorkers = 16

// sessionRefs reads the arguments that name existing sessions: IDs and @NAMEs.
func sessionRefs(s *config.Settings, args []string) ([]paced.Ref, error) {
	refs := make([]paced.Ref, len(args))
	for i, arg := range args {
		ref, err := request.SessionRef(s.Service, arg)
		switch {
		case err != nil && strings.Contains(arg, "\t"):
			return nil, cli.Usagef("%v", err).Hint("one ID a line: smp session list | cut -f1 | smp session delete -")
		case err != nil:
			return nil, cli.Usagef("%v", err)
		case ref.Kind == paced.RefCreate:
			return nil, cli.Usagef("%q is not a session that exists", arg).Hint("smp session create")
		}
		refs[i] = ref
	}
	return refs, nil
}

// connectFor connects for the sessions that the arguments name. The caller closes the
// connection.
func (a *app) connectFor(ctx context.Context, args []string) ([]paced.Ref, *connection, error) {
	s, err := a.settings(ctx)
	if err != nil {
		return nil, nil, err
	}
	refs, err := sessionRefs(s, args)
	if err != nil {
		return nil, nil, err
	}
	c, err := a.connect(ctx, connectOptions{})
	return refs, c, err
}

// readName reads the value of --name, with its @ or without.
func readName(text string) (string, error) {
	ref, err := paced.ParseRef("@" + strings.TrimPrefix(text, "@"))
	if err != nil {
		return "", cli.Usagef("--name: %v", err)
	}
	return ref.Value, nil
}

// resolveSession gives the ID of a session that is named by ID or @NAME.
func resolveSession(l *ledger.Ledger, ref paced.Ref) (string, error) {
	if ref.Kind != paced.RefName {
		return ref.Value, nil
	}
	id, ok, err := l.Lookup(ref.Value)
	if err == nil && !ok {
		err = &unknownNameError{name: ref.Value}
	}
	return id, err
}

// unknownNameError says that a name is bound to no session.
type unknownNameError struct{ name string }

func (e *unknownNameError) Error() string { return "no session is named @" + e.name }

// unknownSession says that nothing is known of a session.
func unknownSession(id, where string) error {
	return &exitError{
		code: exitSession, err: fmt.Errorf("%s knows no session %s", where, id),
		hints: []string{"smp session list"}, session: id,
	}
}

// maxToldFailures bounds how many failures of many parts are told one by one.
const maxToldFailures = 10

// partsError is the failure of some parts of a command. All are printed; the first, in
// the order of the arguments, decides the exit code.
type partsError struct{ errs []error }

// joinParts joins the failures of parts: nil for none, a single one as it is.
func joinParts(errs []error) error {
	var failed []error
	for _, err := range errs {
		if err != nil {
			failed = append(failed, err)
		}
	}
	if len(failed) < 2 {
		return cmp.Or(append(failed, nil)...)
	}
	return &partsError{failed}
}

func (e *partsError) Error() string {
	text := ""
	for i, err := range e.errs {
		if i == maxToldFailures {
			return text + fmt.Sprintf("\nand %d more failed", len(e.errs)-i)
		}
		if i > 0 {
			text += "\n"
		}
		text += err.Error()
	}
	return text
}

// Unwrap gives the failure that decides.
func (e *partsError) Unwrap() error { return e.errs[0] }

// linger returns a context that outlives ctx by d, for what is under way when the run is
// stopped.
func linger(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	late, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		time.AfterFunc(d, func() { cancel(context.Cause(ctx)) })
	})
	return late, func() {
		stop()
		cancel(nil)
	}
}

// parallel calls do for 0 to n-1, at most workers at a time, and returns the error of
// each. A call that has not begun when ctx ends is not made; its error is ctx's cause.
func parallel(ctx context.Context, n, workers int, do func(ctx context.Context, i int) error) []error {
	errs := make([]error, n)
	next := make(chan int)
	var wait sync.WaitGroup
	for range min(workers, n) {
		wait.Go(func() {
			for i := range next {
				if errs[i] = context.Cause(ctx); errs[i] == nil {
					errs[i] = do(ctx, i)
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
	return errs
}
