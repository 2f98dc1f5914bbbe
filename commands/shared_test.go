package commands

import (
	"context"
	"strings"
	"testing"

	"smp/commands/cli"
	"smp/commands/term"
)

// afterFlags is a run of a command that has the shared flags and does nothing.
func afterFlags(t *testing.T, env Env, flags ...string) *app {
	t.Helper()
	probe := func(a *app) *cli.Command {
		return &cli.Command{Name: "probe", Shared: a.sharedFlags(0), Run: func(context.Context, []string) error { return nil }}
	}
	a := newApp(env, []constructor{{"probe", probe}})
	if err := a.run(t.Context(), append([]string{"probe"}, flags...)); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestLevels(t *testing.T) {
	t.Parallel()
	for flags, want := range map[string]term.Level{
		"":   {Info: true, Errors: true},
		"-v": {Trace: true, Info: true, Errors: true},
		"-q": {Errors: true}, "-sS": {Errors: true}, "-qs": {Errors: true},
		"-s": {}, "-vs": {Trace: true},
	} {
		if got := afterFlags(t, testEnv(t).Env, strings.Fields(flags)...).messages.Level; got != want {
			t.Errorf("%s: got %+v, want %+v", flags, got, want)
		}
	}
}
