package commands

import (
	"context"
	"os"
	"slices"
	"strings"

	"smp/client"
	"smp/client/ledger"
	"smp/commands/cli"
	"smp/commands/term"
)

// complete answers a shell. It reads no input, and tells of no error.
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

// existingLedger opens the ledger that a command would use, and makes none.
func (a *app) existingLedger(ctx context.Context) *ledger.Ledger {
	s, err := a.settings(ctx)
	if err != nil || s.key == "" {
		return nil
	}
	dirs := []string{s.setting("state_dir").value}
	if dirs[0] == "" {
		dirs = defaultStateDirs(a.env)
	}
	for _, dir := range dirs {
		scope := ledger.Scope(dir, s.endpoint.String(), s.key)
		if _, err := os.Stat(scope); err != nil {
			continue
		}
		if l, err := ledger.Open(scope, ledger.Options{Life: ledger.Life{Idle: s.scaled(sessionLife)}}); err == nil {
			return l
		}
	}
	return nil
}
