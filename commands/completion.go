package commands

import (
	"context"
	"embed"
	"slices"
	"strings"

	"smp/commands/cli"
)

// The scripts hold nothing of smp's commands and flags: they ask smp, see complete.go.
//
//go:embed completion
var completionScripts embed.FS

// shells are those with a script, in the order in which help lists them.
func shells() []string { return []string{"bash", "zsh", "fish", "powershell"} }

type completionOptions struct{ app *app }

func newCompletion(a *app) *cli.Command {
	o := &completionOptions{app: a}
	return &cli.Command{
		Name:    "completion",
		Args:    strings.Join(shells(), "|"),
		Summary: "print the script that completes smp's command lines in a shell",
		About: "Commands, flags, their values, files, and the sessions that this machine's ledger knows are completed; " +
			"nobody is asked over the network.\n\n" +
			"bash: source it in ~/.bashrc, or save it as ~/.local/share/bash-completion/completions/smp\n\n" +
			"zsh: save it as _smp in a directory of $fpath, or source it after compinit\n\n" +
			"fish: save it as ~/.config/fish/completions/smp.fish\n\n" +
			"PowerShell: dot-source it in $PROFILE",
		Examples: []cli.Example{
			{Line: "smp completion bash >smp.bash", Does: "then: source smp.bash"},
			{Line: "smp completion zsh >_smp", Does: "then: put it into a directory of $fpath"},
		},
		Shared: a.sharedFlags(jsonFlag | connectionFlags | paceFlags),
		Run:    o.run,
	}
}

func (o *completionOptions) run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return cli.Usagef("no shell is named").Hint("smp completion %s", strings.Join(shells(), "|"))
	}
	if err := cli.NoArgs(args[1:]); err != nil {
		return err
	}
	if !slices.Contains(shells(), args[0]) {
		return cli.Usagef("%q is no shell that can be completed for", args[0]).Hint("smp completion %s", strings.Join(shells(), "|"))
	}
	script, err := completionScripts.ReadFile("completion/smp." + args[0])
	if err != nil {
		return err
	}
	return o.app.out.Text(ctx, string(script))
}
