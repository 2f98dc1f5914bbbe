package commands

import (
	"io"
	"os"

	"smp/commands/term"
)

// Env is what a run of the program sees of its process. Tests fill one by hand;
// the zero Stdin reads nothing, and a nil Lookup finds nothing.
type Env struct {
	Stdin  io.Reader
	Stdout term.Stream
	Stderr term.Stream

	// Lookup gives the value of an environment variable, empty where it is unset:
	// an empty variable is an unset one.
	Lookup func(name string) string

	// Environ gives the whole environment as "NAME=value", for commands that start
	// another program.
	Environ func() []string

	// Begin begins to catch signals; they are caught when ready returns. It is called
	// once, before a command runs, and never for help, the version or a usage error.
	// Catching signals is a sixth of the time that those take. Nil does nothing.
	Begin func() (ready func())

	// HoldSignals keeps signals after the first from ending this process until release
	// is called: they are for a COMMAND that smp runs and must outlive. Nil does nothing.
	HoldSignals func() (release func())
}

// System is the environment of this process.
func System() Env {
	return Env{
		Stdin:   os.Stdin,
		Stdout:  term.File(os.Stdout),
		Stderr:  term.File(os.Stderr),
		Lookup:  os.Getenv,
		Environ: os.Environ,
	}
}

// lookup gives the value of an environment variable, empty where it is unset.
func (e Env) lookup(name string) string {
	if e.Lookup == nil {
		return ""
	}
	return e.Lookup(name)
}

// holdSignals calls HoldSignals.
func (e Env) holdSignals() (release func()) {
	if e.HoldSignals == nil {
		return func() {}
	}
	return e.HoldSignals()
}

func (e Env) begin() (ready func()) {
	if e.Begin == nil {
		return func() {}
	}
	return e.Begin()
}
