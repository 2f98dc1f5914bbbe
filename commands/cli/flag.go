package cli

import (
	"slices"
	"strings"
)

// Flag declares one flag. Only a flag that was given reaches Set; defaults are where
// Set writes to.
type Flag struct {
	Name  string   // long name, without dashes
	Short string   // one letter, or empty
	Also  []string // other long names it is known by
	Value string   // what its value is called in help: "FILE"; empty for a switch
	Group string   // heading in help; empty for "Flags"
	Usage string   // one line, lower case
	Def   string   // default as help shows it
	Env   string   // environment variable as help shows it
	Offer []string // words that completion offers, besides those that Set takes only

	// Set takes one value ("true" or "false" for a switch). It runs once for each
	// time the flag was given, in that order. Its error becomes a usage error that
	// names the flag.
	Set func(value string) error
}

// isFlag reports whether an argument is read as a flag; a lone dash is an argument.
func isFlag(arg string) bool { return len(arg) > 1 && arg[0] == '-' }

// lookUp finds a flag by "-n" or "--count".
func lookUp(flags []Flag, spelled string) *Flag {
	if name, long := strings.CutPrefix(spelled, "--"); long {
		return FindFlag(flags, name)
	}
	return findShort(flags, spelled[1:])
}

// FindFlag finds a flag by its long name; nil is none.
func FindFlag(flags []Flag, name string) *Flag {
	for i := range flags {
		if flags[i].Name == name || slices.Contains(flags[i].Also, name) {
			return &flags[i]
		}
	}
	return nil
}

func findShort(flags []Flag, letter string) *Flag {
	for i := range flags {
		if letter != "" && flags[i].Short == letter {
			return &flags[i]
		}
	}
	return nil
}

// Without leaves flags out, by their long names.
func Without(flags []Flag, names ...string) []Flag {
	return slices.DeleteFunc(flags, func(f Flag) bool { return slices.Contains(names, f.Name) })
}

// Grouped puts flags under a heading of the help.
func Grouped(heading string, flags []Flag) []Flag {
	for i := range flags {
		flags[i].Group = heading
	}
	return flags
}
