package commands

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// runCommand runs args against a mock of their own.
func (o *mockOptions) runCommand(ctx context.Context, args []string) (err error) {
	m, err := o.start(cmp.Or(o.listen, "127.0.0.1:0"))
	if err != nil {
		return beforeCommand(err)
	}
	defer func() { err = errors.Join(err, m.close()) }()
	c, err := o.child(m, args)
	if err != nil {
		return beforeCommand(err)
	}
	release := o.app.env.holdSignals()
	if ctx.Err() != nil {
		return context.Cause(ctx) // a signal that COMMAND could not be sent
	}
	code, err := c.run()
	release()
	if err != nil {
		return notRun(args, code, err)
	}
	verdict := o.reportVerdict(m)
	if code != 0 {
		return &exitError{code: code}
	}
	return verdict
}

// child is COMMAND in an environment without the user's own settings: no key, no
// configuration, no ledger.
func (o *mockOptions) child(m *runningMock, args []string) (*child, error) {
	bin, err := m.home.binDir()
	if err != nil {
		return nil, fmt.Errorf("putting smp on PATH: %w", err)
	}
	state, err := m.home.stateDir()
	if err != nil {
		return nil, fmt.Errorf("making a state directory: %w", err)
	}
	vars := append(m.settings.variables(),
		variable{"SMP_STATE_DIR", state},
		variable{"SMP_CONFIG", os.DevNull},
		variable{"PATH", prependPath(bin, o.app.env.lookup("PATH"))})
	c := &child{
		args: args, env: setVariables(withoutSettings(o.app.env.Environ()), vars),
		stdin: o.app.env.Stdin, stdout: o.app.env.Stdout.Writer, stderr: o.app.env.Stderr.Writer,
	}
	if args[0] == "smp" {
		c.path = filepath.Join(bin, programName()) // smp looked its own PATH up for anything else
	}
	return c, nil
}

func prependPath(dir, path string) string {
	if path == "" {
		return dir
	}
	return dir + string(os.PathListSeparator) + path
}

// withoutSettings is environ without what smp reads.
func withoutSettings(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		return strings.HasPrefix(entry, "SMP_") || strings.HasPrefix(entry, "ZYTE_API_KEY=")
	})
}
