package commands

import (
	"context"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"

	"smp/client"
	"smp/client/ledger"
)

// flagValues are the values that f may have. The word at the cursor is prefix and
// then value.
func (a *app) flagValues(ctx context.Context, inv *invocation, f *flag, prefix, value string) []candidate {
	var found []candidate
	for _, word := range slices.Concat(f.offer, wantedWords(f)) {
		found = append(found, candidate{word: word})
	}
	found = matching(append(found, a.placeholder(ctx, inv, f.value, value)...), value)
	for i := range found {
		found[i].word = prefix + found[i].word
	}
	return append(found, fileWish(f.value, prefix, value)...)
}

// wantedWords asks a flag that takes certain words only which ones they are.
func wantedWords(f *flag) []string {
	if refused, ok := errors.AsType[*notAmongError](f.set(cursor)); ok {
		return refused.allowed
	}
	return nil
}

// arguments are what may be the argument at the cursor, the nth word of all.
func (a *app) arguments(ctx context.Context, s *scanner, n int, word string) []candidate {
	c, count := s.inv.command, len(s.inv.args)
	placeholders := c.args
	switch {
	case c.argsEnd:
		return []candidate{{wishCommand, strconv.Itoa(n - count + 1)}}
	case c.name == "help":
		s.inv.words = s.inv.args[:count-1]
		return a.commandWords(ctx, s, word)
	case count > 1 && !strings.Contains(placeholders, "…"):
		return nil
	}
	found := a.placeholder(ctx, s.inv, placeholders, word)
	for _, alternative := range alternatives(placeholders) {
		if strings.ToLower(alternative) == alternative {
			found = append(found, candidate{word: alternative})
		}
	}
	return append(matching(found, word), fileWish(placeholders, "", word)...)
}

// alternatives are the words of a placeholder such as "ID|@NAME… | -".
func alternatives(placeholder string) []string {
	return strings.FieldsFunc(placeholder, func(r rune) bool { return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z') })
}

// placeholder gives the sessions where one is wanted.
func (a *app) placeholder(ctx context.Context, inv *invocation, placeholder, word string) []candidate {
	if !slices.Contains(alternatives(placeholder), "ID") {
		return nil
	}
	for _, g := range inv.given {
		if g.value != cursor {
			_ = g.flag.set(g.value) // --endpoint and the like say which ledger is meant
		}
	}
	return a.knownSessions(ctx)
}

// fileWish is the wish for file names, where the placeholder names a file, or a
// value one behind an @.
func fileWish(placeholder, prefix, value string) []candidate {
	words := alternatives(placeholder)
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(words, name) })
	}
	switch {
	case has("FILE", "COOKIES"):
		return []candidate{{wishFiles, prefix}}
	case has("DIR"):
		return []candidate{{wishDirectories, prefix}}
	case has("DATA", "JSON", "LINE", "FIELD"):
		if i := strings.IndexAny(value, "@<"); i == 0 || i > 0 && has("DATA", "FIELD") {
			return []candidate{{wishFiles, prefix + value[:i+1]}}
		}
	}
	return nil
}

// knownSessions are the names and IDs in the ledger, with their outgoing IPs.
func (a *app) knownSessions(ctx context.Context) []candidate {
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
	var names, ids []candidate
	for _, s := range sessions {
		switch {
		case s.Dead:
			continue
		case s.Name != "":
			names = append(names, candidate{"@" + s.Name, strings.TrimSpace("session " + s.ID + " " + s.IP)})
		}
		ids = append(ids, candidate{s.ID, strings.TrimSpace(s.IP + " " + s.Name)})
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
		if l, err := ledger.Open(scope, ledger.Options{IdleTTL: s.scaled(sessionLife)}); err == nil {
			return l
		}
	}
	return nil
}
