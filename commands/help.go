package commands

import (
	"context"
	"strings"

	"smp/commands/cli"
)

type helpOptions struct {
	app    *app
	manual bool
}

func newHelp(a *app) *cli.Command {
	o := &helpOptions{app: a}
	return &cli.Command{
		Name:    "help",
		Args:    "[COMMAND…]",
		Summary: "explain a command",
		Flags:   []cli.Flag{{Name: "man", Usage: "print the manual page, smp.1", Set: cli.Switch(&o.manual)}},
		Shared:  a.sharedFlags(jsonFlag | connectionFlags | paceFlags),
		Run:     o.run,
	}
}

func (o *helpOptions) run(ctx context.Context, words []string) error {
	if !o.manual {
		return o.app.printHelp(ctx, words)
	}
	if len(words) > 0 {
		return cli.Usagef("--man is the manual page of all commands").Hint("smp help %s", strings.Join(words, " "))
	}
	return o.app.out.Text(ctx, o.app.program.ManualPage())
}

func (a *app) printHelp(ctx context.Context, words []string) error {
	text, err := a.program.Help(words, a.out.Style)
	if err != nil {
		return err
	}
	return a.out.Text(ctx, text)
}

const commonRules = "Flags may stand anywhere; -- ends them. Settings come from flags, then the " +
	"environment, then $XDG_CONFIG_HOME/smp/config.toml (SMP_CONFIG). A plain number is seconds in every duration."

func firstSteps() []cli.Example {
	return []cli.Example{
		{Line: "export SMP_API_KEY=…", Does: "say who you are"},
		{Line: "smp fetch https://httpbin.org/ip", Does: "one request through the proxy"},
		{Line: "smp fetch --session @shop https://shop.com/", Does: "in a session of its own, paced"},
		{Line: "smp mock -- sh script.sh", Does: "try a script out against a mock, offline"},
	}
}
