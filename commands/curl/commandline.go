package curl

import "smp/commands/term"

// CommandLine collects the words of a command line of curl, for a POSIX shell.
type CommandLine struct {
	Words []string
	Lost  []string // flags that curl has nothing like
}

// Add adds a flag and its value, unless that is empty.
func (l *CommandLine) Add(flag, value string) {
	if value != "" {
		l.addAny(flag, value)
	}
}

// addAny adds a flag and its value, be it empty.
func (l *CommandLine) addAny(flag, value string) {
	l.Words = append(l.Words, flag, term.Word(value))
}

// AddIf adds a flag that was given.
func (l *CommandLine) AddIf(given bool, flag string) {
	if given {
		l.Words = append(l.Words, flag)
	}
}

// LoseIf notes that a flag was given in vain.
func (l *CommandLine) LoseIf(given bool, flag string) {
	if given {
		l.Lost = append(l.Lost, flag)
	}
}
