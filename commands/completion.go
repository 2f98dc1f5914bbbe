package commands

import (
	"context"
	"embed"
	"os"
	"slices"
	"strings"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/commands/cli"
	"smp/commands/term"
)

// The scripts know no command and no flag: they ask smp, as package cli says.
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
		return cli.Usagef("%q is not a shell that can be completed for", args[0]).Hint("smp completion %s", strings.Join(shells(), "|"))
	}
	script, err := completionScripts.ReadFile("completion/smp." + args[0])
	if err != nil {
		return err
	}
	return o.app.out.Text(ctx, string(script))
}

// complete answers a shell. It reads no input and prints no error.
func (a *app) complete(ctx context.Context, args []string) error {
	a.messages.Level = term.Level{}
	a.stdin = term.NewStdin(nil)
	return a.out.Text(ctx, a.program.Complete(ctx, args))
}

// knownSessions are the names and IDs in the ledger, with their outgoing IPs, where a
// session is wanted.
func (a *app) knownSessions(ctx context.Context, placeholder string) []cli.Candidate {
	if placeholder != "ID" {
		return nil
	}
	l := a.existingLedger(ctx)
	if l == nil {
		return nil
	}
	defer l.Close()
	sessions, err := l.Sessions()
	if err != nil {
		return nil
	}
	slices.SortFunc(sessions, func(a, b ledger.Session) int { return client.CompareIDs(a.ID, b.ID) })
	var names, ids []cli.Candidate
	for _, s := range sessions {
		switch {
		case s.Dead:
			continue
		case s.Name != "":
			names = append(names, cli.Candidate{Word: "@" + s.Name, Meaning: strings.TrimSpace("session " + s.ID + " " + s.IP)})
		}
		ids = append(ids, cli.Candidate{Word: s.ID, Meaning: strings.TrimSpace(s.IP + " " + s.Name)})
	}
	return append(names, ids...)
}

// completionPatience is how long somebody who presses Tab waits for a server.
const completionPatience = 300 * time.Millisecond

// existingLedger opens the ledger that a command would use, and makes none.
func (a *app) existingLedger(ctx context.Context) *ledger.Ledger {
	s, err := a.settings(ctx)
	if err != nil || s.Key == "" {
		return nil
	}
	if s.Ledger.URL != nil {
		server := s.Ledger
		server.Timeout = completionPatience
		l, _ := ledger.OpenRedis(ctx, server, ledger.Scope("", client.ServiceID(s.Endpoint), s.Key), ledger.Options{Life: s.Life()})
		return l
	}
	dirs := []string{s.Setting("state_dir").Value}
	if dirs[0] == "" {
		dirs = ledger.UserDirs(a.env.lookup)
	}
	for _, dir := range dirs {
		scope := ledger.Scope(dir, client.ServiceID(s.Endpoint), s.Key)
		if _, err := os.Stat(scope); err != nil {
			continue
		}
		if l, err := ledger.Open(scope, ledger.Options{Life: s.Life()}); err == nil {
			return l
		}
	}
	return nil
}
