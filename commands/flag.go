package commands

import (
	"slices"
	"strings"
)

// flag declares one flag. Only flags that were given reach set; defaults live in
// the options struct.
type flag struct {
	name  string   // long name, without dashes
	short string   // one letter, or empty
	also  []string // other long names it is known by
	value string   // what its value is called in help: "FILE"; empty for a switch
	group string   // heading in help; empty for "Flags"
	usage string   // one line, lower case
	def   string   // default as help shows it
	env   string   // environment variable as help shows it
	offer []string // words that completion offers, besides those that set asks for

	// set takes one value ("true" or "false" for a switch). It runs once for each
	// time the flag was given, in that order. Its error becomes a usage error that
	// names the flag.
	set func(value string) error
}

// isFlag says whether an argument is read as a flag; a lone dash is an argument.
func isFlag(arg string) bool { return len(arg) > 1 && arg[0] == '-' }

// lookUp finds a flag by "-n" or "--count".
func lookUp(flags []flag, spelled string) *flag {
	if name, long := strings.CutPrefix(spelled, "--"); long {
		return findFlag(flags, name)
	}
	return findShort(flags, spelled[1:])
}

func findFlag(flags []flag, name string) *flag {
	for i := range flags {
		if flags[i].name == name || slices.Contains(flags[i].also, name) {
			return &flags[i]
		}
	}
	return nil
}

func findShort(flags []flag, letter string) *flag {
	for i := range flags {
		if letter != "" && flags[i].short == letter {
			return &flags[i]
		}
	}
	return nil
}
