package commands

import (
	"context"
	"strings"
)

// command is one leaf of the command line. A constructor declares it and fills an
// options struct through its flags; run sees neither the command line's library
// nor the process.
type command struct {
	name     string // its words: "session create"
	args     string // what follows the flags in the usage line: "URL"
	summary  string // one line for the list of commands
	about    string // paragraphs for the command's own help
	examples []example
	flags    []flag
	lacks    shared // groups of shared flags that mean nothing here
	argsEnd  bool   // the first argument ends the flags, as -- does
	run      func(ctx context.Context, args []string) error
}

// example is one command line with what it does.
type example struct{ line, does string }

// shared are the groups of flags that commands have in common.
type shared int

const (
	jsonFlag        shared = 1 << iota // --json
	connectionFlags                    // --endpoint, --api-key-file, --cacert, timeouts …
	paceFlags                          // --delay
)

// entry registers a command: its words, and its constructor. Only the command that
// is asked for is constructed.
type entry struct {
	name string
	make func(*app) *command
}

// registry lists all commands in the order in which help shows them.
type registry []entry

// find gives the constructor of the command with these words.
func (r registry) find(words []string) func(*app) *command {
	name := strings.Join(words, " ")
	for _, e := range r {
		if e.name == name {
			return e.make
		}
	}
	return nil
}

// under lists the entries whose name begins with these words, itself excluded.
func (r registry) under(words []string) registry {
	if len(words) == 0 {
		return r
	}
	prefix := strings.Join(words, " ") + " "
	var found registry
	for _, e := range r {
		if strings.HasPrefix(e.name, prefix) {
			found = append(found, e)
		}
	}
	return found
}

// next lists, without repetition, the words that may follow these.
func (r registry) next(words []string) []string {
	var next []string
	for _, e := range r.under(words) {
		word := strings.Fields(e.name)[len(words)]
		if len(next) == 0 || next[len(next)-1] != word {
			next = append(next, word)
		}
	}
	return next
}
