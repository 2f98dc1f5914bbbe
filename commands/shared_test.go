package commands

import (
	"testing"

	"smp/commands/term"
)

func TestLevels(t *testing.T) {
	t.Parallel()
	for flags, want := range map[string]term.Level{
		"":   {Info: true, Errors: true},
		"-v": {Trace: true, Info: true, Errors: true},
		"-q": {Errors: true}, "-sS": {Errors: true}, "-qs": {Errors: true},
		"-s": {}, "-vs": {Trace: true},
	} {
		a := newApp(testEnv(t).Env, all())
		args := []string{"doctor"}
		if flags != "" {
			args = append(args, flags)
		}
		inv, err := parse(a, a.commands, args)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range inv.given {
			if err := g.flag.set(g.value); err != nil {
				t.Fatal(err)
			}
		}
		if got := a.shared.level(); got != want {
			t.Errorf("%s: got %+v, want %+v", flags, got, want)
		}
	}
}
