package commands

import (
	"context"
	"strconv"
	"strings"

	"smp/commands/term"
)

// What shells ask when a person presses Tab:
//
//	smp __complete N WORD…
//
// WORDs are those of the command line after smp, as far as the cursor; the Nth is
// to be completed, and is empty where there are fewer. Every line of the answer is
// a candidate, perhaps with a tab and what it means, or a wish to the shell:
//
//	:files PREFIX    file names; PREFIX is the part of the word before them
//	:directories PREFIX
//	:command N       the words from the Nth on are a command line of its own
//
// also with tabs. Nothing is ever told of errors, and nobody is asked: what smp
// knows of sessions is in the ledger of this machine.
const completeCommand = "__complete"

// Wishes to the shell.
const (
	wishFiles       = ":files"
	wishDirectories = ":directories"
	wishCommand     = ":command"
)

// candidate is a word that may stand at the cursor, or a wish and its parameter.
type candidate struct{ word, meaning string }

func (a *app) complete(ctx context.Context, args []string) error {
	a.messages.Level = term.Level{}
	if len(args) == 0 {
		return nil
	}
	n, err := strconv.Atoi(args[0])
	if err != nil || n < 1 {
		return nil
	}
	words := append(args[1:], make([]string, n)...)[:n]
	a.env.Stdin = strings.NewReader("")
	a.stdin = term.NewStdin(a.env.Stdin)
	var b strings.Builder
	for _, c := range a.candidates(ctx, words[:n-1], words[n-1]) {
		b.WriteString(strings.TrimRight(term.Field(c.word)+"\t"+strings.TrimSpace(c.meaning), "\t") + "\n")
	}
	return a.out.Text(ctx, b.String())
}

// cursor stands where the word to be completed is, when the command line before it
// is parsed.
const cursor = "\x00"

// candidates finds what may stand in the place of word after the words before it.
func (a *app) candidates(ctx context.Context, before []string, word string) []candidate {
	s := &scanner{app: a, commands: a.commands, inv: &invocation{}, left: append(before[:len(before):len(before)], cursor), flags: rootFlags(a)}
	ended := false // flags had, before the cursor
	for len(s.left) > 0 && !s.inv.help {
		ended = s.ended
		here := len(s.left) == 1
		step := s.argument
		if s.inv.command == nil {
			step = s.word
		}
		if err := step(); err != nil {
			if s.inv.command == nil && here && !s.inv.version {
				return a.commandWords(ctx, s, word)
			}
			return nil
		}
	}
	last := len(s.inv.given) - 1
	switch {
	case s.inv.command == nil:
		return nil
	case last >= 0 && s.inv.given[last].value == cursor:
		return a.flagValues(ctx, s.inv, s.inv.given[last].flag, "", word)
	case !ended && isFlag(word) || !ended && word == "-":
		return a.flags(ctx, s, word)
	case len(s.inv.args) > 0:
		return a.arguments(ctx, s, len(before)+1, word)
	}
	return nil
}

// commandWords are the words that a command's name may go on with.
func (a *app) commandWords(ctx context.Context, s *scanner, word string) []candidate {
	if strings.HasPrefix(word, "-") {
		return a.flags(ctx, s, word)
	}
	var found []candidate
	for _, next := range a.commands.next(s.inv.words) {
		found = append(found, candidate{next, a.summary(append(s.inv.words[:len(s.inv.words):len(s.inv.words)], next))})
	}
	return matching(found, word)
}

// summary tells what a command does; of a group it lists the commands.
func (a *app) summary(words []string) string {
	if construct := a.commands.find(words); construct != nil {
		return construct(a).summary
	}
	return strings.Join(a.commands.next(words), ", ")
}

// flags are the flags that begin like word, or the values that may follow an =.
func (a *app) flags(ctx context.Context, s *scanner, word string) []candidate {
	if name, value, attached := strings.Cut(word, "="); attached && strings.HasPrefix(word, "--") {
		f := lookUp(s.flags, name)
		if f == nil || f.value == "" || s.inv.command == nil {
			return nil
		}
		return a.flagValues(ctx, s.inv, f, name+"=", value)
	}
	var found []candidate
	for _, f := range s.flags {
		if word == "-" && f.short != "" {
			found = append(found, candidate{"-" + f.short, f.usage})
		}
		found = append(found, candidate{"--" + f.name, f.usage})
	}
	return matching(found, word)
}

func matching(all []candidate, word string) []candidate {
	var found []candidate
	for _, c := range all {
		if strings.HasPrefix(c.word, word) {
			found = append(found, c)
		}
	}
	return found
}
