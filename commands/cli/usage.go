package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// UsageError says that the command line or the configuration cannot be meant. It is
// found before anything is sent.
type UsageError struct {
	Message string
	Hints   []string
}

func (e *UsageError) Error() string { return e.Message }

// Usagef makes a usage error.
func Usagef(format string, args ...any) *UsageError {
	return &UsageError{Message: fmt.Sprintf(format, args...)}
}

// Hint adds what to type instead.
func (e *UsageError) Hint(format string, args ...any) *UsageError {
	e.Hints = append(e.Hints, fmt.Sprintf(format, args...))
	return e
}

// NoArgs refuses surplus arguments.
func NoArgs(args []string) error {
	if len(args) > 0 {
		return Usagef("unexpected argument %q", args[0])
	}
	return nil
}

func (p *Program) missingCommand(words []string) error {
	if len(words) == 0 {
		return Usagef("no command").Hint("%s help", p.Name).Hint("or one of: %s", strings.Join(p.Commands.next(nil), ", "))
	}
	return Usagef("%s needs one of: %s", p.path(words), strings.Join(p.Commands.next(words), ", ")).
		Hint("%s help %s", p.Name, strings.Join(words, " "))
}

func (p *Program) unknownCommand(words []string, word string) error {
	err := Usagef("%q is not a command of %s", word, p.path(words))
	if p.Guess != nil {
		if hint := p.Guess(words, word); hint != "" {
			return err.Hint("%s", hint)
		}
	}
	if meant := p.meantCommand(words, word); meant != "" {
		return err.Hint("did you mean %s", meant)
	}
	return err.Hint("%s", p.path(append([]string{"help"}, words...)))
}

// meantCommand guesses what word stands for after words: a slip, a word of another
// program's, or a command of a group that was left out.
func (p *Program) meantCommand(words []string, word string) string {
	next := p.Commands.next(words)
	meant, foreign := p.Synonyms[word]
	if foreign && slices.Contains(next, meant) {
		return p.path(append(words, meant))
	}
	if near := Nearest(word, next); near != "" {
		return p.path(append(words, near))
	}
	return p.leftOut(words, cmp.Or(meant, p.Aliases[word], word))
}

// leftOut finds a command whose group was not typed: "ls" for "session list".
func (p *Program) leftOut(words []string, word string) string {
	for _, group := range p.Commands.next(words) {
		whole := append(append(slices.Clip(words), group), word)
		if p.Commands.find(whole) != nil {
			return p.path(whole)
		}
	}
	return ""
}

func (p *Program) unknownFlag(spelled string, c *Command, flags []Flag) error {
	var words []string
	if c != nil {
		words = strings.Fields(c.Name)
	}
	err := Usagef("unknown flag %s of %s", spelled, p.path(words))
	for _, f := range p.Foreign {
		if slices.Contains(strings.Fields(f.Spellings), spelled) && (f.Where == "" || FindFlag(flags, f.Where) != nil) {
			return err.Hint("%s", f.Instead)
		}
	}
	if name, long := strings.CutPrefix(spelled, "--"); long {
		if near := Nearest(name, longNames(flags)); near != "" {
			return err.Hint("did you mean --%s", near)
		}
	}
	return err.Hint("%s", p.path(append([]string{"help"}, words...)))
}

func longNames(flags []Flag) []string {
	var names []string
	for _, f := range flags {
		names = append(append(names, f.Name), f.Also...)
	}
	return names
}

// Nearest is the name that is one edit away from word, or nothing: a guess that is a
// stranger is worse than none.
func Nearest(word string, names []string) string {
	if len(word) < 3 {
		return ""
	}
	for _, name := range names {
		if distance(word, name) == 1 {
			return name
		}
	}
	return ""
}

// distance counts the edits that turn a into b: insertions, deletions,
// substitutions, and swaps of neighbours.
func distance(a, b string) int {
	before, last := []int(nil), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(row[j]+1, last[j+1]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
