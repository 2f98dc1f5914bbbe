package cli

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// flagValues are the values that f may have. The word at the cursor is prefix and
// then value.
func (p *Program) flagValues(ctx context.Context, inv *Invocation, f *Flag, prefix, value string) []Candidate {
	var found []Candidate
	for _, word := range slices.Concat(f.Offer, wantedWords(f)) {
		found = append(found, Candidate{Word: word})
	}
	found = matching(append(found, p.placeholder(ctx, inv, f.Value)...), value)
	for i := range found {
		found[i].Word = prefix + found[i].Word
	}
	return append(found, fileDirective(f.Value, prefix, value)...)
}

// wantedWords asks a flag that takes certain words only which ones they are.
func wantedWords(f *Flag) []string {
	if refused, ok := errors.AsType[*notAmongError](f.Set(cursor)); ok {
		return refused.allowed
	}
	return nil
}

// arguments are what may be the argument at the cursor, the nth word of all.
func (p *Program) arguments(ctx context.Context, s *scanner, n int, word string) []Candidate {
	c, count := s.inv.Command, len(s.inv.args)
	placeholders := c.Args
	switch {
	case c.ArgsEnd:
		return []Candidate{{directiveCommand, strconv.Itoa(n - count + 1)}}
	case c.Name == "help":
		s.inv.Words = s.inv.args[:count-1]
		return p.commandWords(ctx, s, word)
	case count > 1 && !strings.Contains(placeholders, "…"):
		return nil
	}
	found := p.placeholder(ctx, s.inv, placeholders)
	for _, alternative := range alternatives(placeholders) {
		if strings.ToLower(alternative) == alternative {
			found = append(found, Candidate{Word: alternative})
		}
	}
	return append(matching(found, word), fileDirective(placeholders, "", word)...)
}

// alternatives are the words of a placeholder such as "ID|@NAME… | -".
func alternatives(placeholder string) []string {
	return strings.FieldsFunc(placeholder, func(r rune) bool { return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z') })
}

// placeholder gives the words that may stand for a placeholder, as the program knows
// them.
func (p *Program) placeholder(ctx context.Context, inv *Invocation, placeholder string) []Candidate {
	if p.Words == nil {
		return nil
	}
	for _, g := range inv.given {
		if g.value != cursor {
			_ = g.flag.Set(g.value) // what the program knows may depend on it
		}
	}
	var found []Candidate
	for _, word := range alternatives(placeholder) {
		found = append(found, p.Words(ctx, word)...)
	}
	return found
}

// fileDirective is the directive for file names, where the placeholder names a file, or a
// value one behind an @.
func fileDirective(placeholder, prefix, value string) []Candidate {
	words := alternatives(placeholder)
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(words, name) })
	}
	switch {
	case has("FILE", "COOKIES"):
		return []Candidate{{directiveFiles, prefix}}
	case has("DIR"):
		return []Candidate{{directiveDirectories, prefix}}
	case has("DATA", "JSON", "LINE", "FIELD"):
		if i := strings.IndexAny(value, "@<"); i == 0 || i > 0 && has("DATA", "FIELD") {
			return []Candidate{{directiveFiles, prefix + value[:i+1]}}
		}
	}
	return nil
}
