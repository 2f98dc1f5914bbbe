package commands

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// runCommand runs args against a mock of their own.
func (o *mockOptions) runCommand(args []string) (err error) {
	m, err := o.start(orElse(o.listen, "127.0.0.1:0"))
	if usage := new(usageError); errors.As(err, &usage) {
		return err
	}
	if err != nil {
		return &exitError{code: exitNotStarted, err: err}
	}
	defer func() { err = errors.Join(err, m.close()) }()
	c, err := o.child(m, args)
	if err != nil {
		return &exitError{code: exitNotStarted, err: err}
	}
	release := o.env.holdSignals()
	code, err := c.run()
	release()
	if err != nil {
		return &exitError{code: code, err: fmt.Errorf("%s: %w", args[0], err)}
	}
	verdict := o.judge(m)
	if code != 0 {
		return &exitError{code: code}
	}
	return verdict
}

// child is COMMAND with an environment in which nothing of the person's own
// setting is left: no key, no configuration, no ledger.
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
		variable{"PATH", prependPath(bin, o.env.lookup("PATH"))})
	c := &child{args: args, env: replaceVariables(o.env.Environ(), vars), stdin: o.env.Stdin, stdout: o.env.Stdout.Writer, stderr: o.env.Stderr.Writer}
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

// replaceVariables is environ without any SMP_* of its own, and with vars.
func replaceVariables(environ []string, vars []variable) []string {
	kept := slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return strings.HasPrefix(name, "SMP_") || slices.ContainsFunc(vars, func(v variable) bool { return v.name == name })
	})
	for _, v := range vars {
		kept = append(kept, v.String())
	}
	return kept
}
