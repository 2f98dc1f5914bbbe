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

	"smp/commands/process"
)

// runCommand runs args against a mock of their own.
func (o *mockOptions) runCommand(ctx context.Context, args []string) (err error) {
	m, err := o.start(ctx, cmp.Or(o.listen, "127.0.0.1:0"))
	if err != nil {
		return beforeCommand(err)
	}
	defer func() { err = errors.Join(err, m.close()) }()
	c, err := o.child(m, args)
	if err != nil {
		return beforeCommand(err)
	}
	code, err := o.app.runCommand(ctx, c)
	if err != nil {
		return err
	}
	verdict := o.reportVerdict(m)
	return cmp.Or(exitAs(code), verdict)
}

// child is COMMAND in an environment without the user's own settings: no key, no
// configuration, no ledger.
func (o *mockOptions) child(m *runningMock, args []string) (*process.Command, error) {
	bin, err := m.home.BinDir()
	if err != nil {
		return nil, fmt.Errorf("putting smp on PATH: %w", err)
	}
	state, err := m.home.StateDir()
	if err != nil {
		return nil, fmt.Errorf("making a state directory: %w", err)
	}
	vars := append(m.settings.variables(),
		process.Variable{Name: "SMP_STATE_DIR", Value: state},
		process.Variable{Name: "SMP_CONFIG", Value: os.DevNull},
		process.Variable{Name: "PATH", Value: prependPath(bin, o.app.env.lookup("PATH"))})
	c := &process.Command{Args: args, Env: process.SetVariables(withoutSettings(o.app.env.Environ()), vars)}
	if args[0] == "smp" {
		c.Path = filepath.Join(bin, process.ProgramName()) // smp looked its own PATH up for anything else
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
