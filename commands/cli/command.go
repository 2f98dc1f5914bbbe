package cli

import (
	"context"
	"slices"
	"strings"
)

// Command is one command. Its flags fill the caller's options; Run gets the arguments.
type Command struct {
	Name     string // its words: "session create"
	Args     string // what follows the flags in the usage line: "URL"
	Summary  string // one line for the list of commands
	About    string // paragraphs for the command's own help
	Examples []Example
	Flags    []Flag
	Shared   []Flag // flags that other commands have too; one of Flags hides its like
	ArgsEnd  bool   // the first argument ends the flags, as -- does
	Run      func(ctx context.Context, args []string) error
}

// Example is a command line and what it does, in half a sentence.
type Example struct{ Line, Does string }

// AllFlags lists the flags that the command takes: its own, then the shared ones, less
// the names and letters that its own have.
func (c *Command) AllFlags() []Flag {
	all := slices.Clip(c.Flags)
	for _, f := range c.Shared {
		if FindFlag(c.Flags, f.Name) != nil {
			continue
		}
		if f.Short != "" && findShort(c.Flags, f.Short) != nil {
			f.Short = ""
		}
		all = append(all, f)
	}
	return all
}

// Entry is a command's name, "session create", and its constructor. Only the command
// that is asked for is made.
type Entry struct {
	Name string
	Make func() *Command
}

// Registry lists all commands in the order in which help shows them.
type Registry []Entry

// find gives the constructor of the command with these words.
func (r Registry) find(words []string) func() *Command {
	name := strings.Join(words, " ")
	for _, e := range r {
		if e.Name == name {
			return e.Make
		}
	}
	return nil
}

// under lists the entries whose name begins with these words, itself excluded.
func (r Registry) under(words []string) Registry {
	if len(words) == 0 {
		return r
	}
	prefix := strings.Join(words, " ") + " "
	var found Registry
	for _, e := range r {
		if strings.HasPrefix(e.Name, prefix) {
			found = append(found, e)
		}
	}
	return found
}

// next lists, without repetition, the words that may follow these.
func (r Registry) next(words []string) []string {
	var next []string
	for _, e := range r.under(words) {
		word := strings.Fields(e.Name)[len(words)]
		if len(next) == 0 || next[len(next)-1] != word {
			next = append(next, word)
		}
	}
	return next
}
