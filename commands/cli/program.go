// Package cli is what a command line is: commands with flags, and arguments read
// getopt-style as curl and GNU tools read them. It gives usage errors with a hint,
// help, the manual page, and completion in four shells. It knows no command of smp's.
//
// A [Program] is a value. Each run of the program parses one command line with
// [Program.Parse] and runs it with [Invocation.Execute].
package cli

import "context"

// Program is a tree of commands, what they share, and what help says of all of them.
type Program struct {
	Name       string // as it is typed
	Summary    string // a sentence
	Commands   Registry
	Shared     func() []Flag // flags that may stand before the command: those that all share, and --version
	FirstSteps []Example
	Rules      string // a paragraph on what holds for all commands

	// What may have been meant where a command line is not understood.
	Synonyms map[string]string                               // words that other programs have for ours
	Foreign  []ForeignFlag                                   // flags of other programs
	Guess    func(words []string, word string) (hint string) // what to do instead, or nothing; nil for none

	// Aliases are words that stand for a word of a command, or for a flag: "ls" for
	// "list", "version" for "--version". A command's own words win.
	Aliases map[string]string

	Manual func() Manual

	// Words lists, for completion, what may stand where a placeholder such as ID does.
	// The flags before the cursor have been set. Nil knows nothing.
	Words func(ctx context.Context, placeholder string) []Candidate
}

// ForeignFlag is a flag of another program, or of habit, that means something here but
// is not typed so.
type ForeignFlag struct {
	Spellings string // "-x --proxy"
	Instead   string // what to do, for a hint
	Where     string // only for commands with this flag; empty: for all
}
