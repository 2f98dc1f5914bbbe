package cli

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"smp/commands/term"
)

// CompleteCommand is the argument that shells begin with when a person presses Tab:
//
//	PROGRAM __complete N WORD…
//
// WORDs are those of the command line after PROGRAM, as far as the cursor. The Nth is
// to be completed, and is empty where there is one less. Every line of the answer is a
// candidate, perhaps with a tab and its meaning, or a directive to the shell:
//
//	:files PREFIX    file names; PREFIX is the part of the word before them
//	:directories PREFIX
//	:command N       the words from the Nth on are a command line of its own
//
// also with tabs. Errors are not told, and the network is not asked.
const CompleteCommand = "__complete"

// Directives to the shell.
const (
	directiveFiles       = ":files"
	directiveDirectories = ":directories"
	directiveCommand     = ":command"
)

// Candidate is a word that may stand at the cursor, or a directive and its parameter.
type Candidate struct{ Word, Meaning string }

// Complete answers the arguments behind __complete.
func (p *Program) Complete(ctx context.Context, args []string) string {
	if len(args) == 0 {
		return ""
	}
	n, err := strconv.Atoi(args[0])
	words := append(args[1:], "")
	if err != nil || n < 1 || n > len(words) {
		return ""
	}
	words = words[:n]
	var b strings.Builder
	for _, c := range p.candidates(ctx, words[:n-1], words[n-1]) {
		b.WriteString(strings.TrimRight(term.Field(c.Word)+"\t"+strings.TrimSpace(c.Meaning), "\t") + "\n")
	}
	return b.String()
}

// cursor stands where the word to be completed is, when the command line before it
// is parsed.
const cursor = "\x00"

// candidates finds what may stand in the place of word after the words before it.
func (p *Program) candidates(ctx context.Context, before []string, word string) []Candidate {
	s := p.scan(append(slices.Clip(before), cursor))
	ended := false // flags had, before the cursor
	for len(s.left) > 0 && !s.inv.Help {
		ended = s.ended
		here := len(s.left) == 1
		step := s.argument
		if s.inv.Command == nil {
			step = s.word
		}
		if err := step(); err != nil {
			if s.inv.Command == nil && here && !s.inv.Version {
				return p.commandWords(ctx, s, word)
			}
			return nil
		}
	}
	last := len(s.inv.given) - 1
	switch {
	case s.inv.Command == nil:
		return nil
	case last >= 0 && s.inv.given[last].value == cursor:
		return p.flagValues(ctx, s.inv, s.inv.given[last].flag, "", word)
	case !ended && isFlag(word) || !ended && word == "-":
		return p.flagWords(ctx, s, word)
	case len(s.inv.args) > 0:
		return p.arguments(ctx, s, len(before)+1, word)
	}
	return nil
}

// commandWords are the words that a command's name may go on with.
func (p *Program) commandWords(ctx context.Context, s *scanner, word string) []Candidate {
	if strings.HasPrefix(word, "-") {
		return p.flagWords(ctx, s, word)
	}
	var found []Candidate
	for _, next := range p.Commands.next(s.inv.Words) {
		found = append(found, Candidate{next, p.summaryOf(append(slices.Clip(s.inv.Words), next))})
	}
	return matching(found, word)
}

// summaryOf tells what a command does; of a group it lists the commands.
func (p *Program) summaryOf(words []string) string {
	if construct := p.Commands.find(words); construct != nil {
		return construct().Summary
	}
	return strings.Join(p.Commands.next(words), ", ")
}

// flagWords are the flags that begin like word, or the values that may follow an =.
func (p *Program) flagWords(ctx context.Context, s *scanner, word string) []Candidate {
	if name, value, attached := strings.Cut(word, "="); attached && strings.HasPrefix(word, "--") {
		f := lookUp(s.flags, name)
		if f == nil || f.Value == "" || s.inv.Command == nil {
			return nil
		}
		return p.flagValues(ctx, s.inv, f, name+"=", value)
	}
	var found []Candidate
	for _, f := range s.flags {
		if word == "-" && f.Short != "" {
			found = append(found, Candidate{"-" + f.Short, f.Usage})
		}
		found = append(found, Candidate{"--" + f.Name, f.Usage})
	}
	return matching(found, word)
}

func matching(all []Candidate, word string) []Candidate {
	var found []Candidate
	for _, c := range all {
		if strings.HasPrefix(c.Word, word) {
			found = append(found, c)
		}
	}
	return found
}
