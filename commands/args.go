package commands

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// The command line's library stops at the first argument, splits no clusters and
// knows no attached values. So the arguments are understood here, as getopt and
// curl do, and the library is handed only the canonical form
//
//	smp session create --count=3 --json=true -- ARG…

// invocation is a command line that was understood.
type invocation struct {
	words   []string // of the command, as typed: "session", "create"
	command *command // nil where help or the version was asked for without one
	given   []givenFlag
	args    []string
	help    bool
	version bool
}

type givenFlag struct {
	flag    *flag
	spelled string // "-n" or "--count"
	value   string
}

// canonical is the command line as the library wants it, without the program's name.
func (inv *invocation) canonical() []string {
	out := slices.Clone(inv.words)
	for _, g := range inv.given {
		out = append(out, "--"+g.flag.name+"="+g.value)
	}
	return append(append(out, "--"), inv.args...)
}

// typed gives the values and arguments that are meant for smp: behind its first
// argument a command that runs another one passes them on.
func (inv *invocation) typed() []string {
	var typed []string
	for _, g := range inv.given {
		typed = append(typed, g.value)
	}
	if inv.command.argsEnd {
		return typed
	}
	return append(typed, inv.args...)
}

// scanner walks the arguments once.
type scanner struct {
	app      *app
	commands registry

	inv   *invocation
	left  []string // not looked at yet
	flags []flag   // known at this point of the line
	wide  bool     // flags are those of all commands
	ended bool     // flags have ended
}

// parse understands a command line. On an error the invocation holds what was
// understood up to there.
func parse(a *app, commands registry, args []string) (*invocation, error) {
	s := &scanner{app: a, commands: commands, inv: &invocation{}, left: args, flags: rootFlags(a)}
	for s.inv.command == nil && !s.done() {
		if err := s.word(); err != nil {
			return s.inv, err
		}
	}
	for s.inv.command != nil && !s.done() {
		if err := s.argument(); err != nil {
			return s.inv, err
		}
	}
	if s.inv.command == nil && !s.inv.help && !s.inv.version {
		return s.inv, missingCommand(commands, s.inv.words)
	}
	return s.inv, nil
}

// done says that nothing is left that matters.
func (s *scanner) done() bool {
	return len(s.left) == 0 || s.inv.help
}

// word takes one argument before the command is known: a flag, or the next word of
// the command's name.
func (s *scanner) word() error {
	arg := s.left[0]
	if isFlag(arg) {
		return s.flag()
	}
	if s.inv.version {
		return usagef("unexpected argument %q beside --version", arg)
	}
	words := append(slices.Clip(s.inv.words), arg)
	construct := s.commands.find(words)
	if construct == nil && len(s.commands.under(words)) == 0 {
		return unknownCommand(s.commands, s.inv.words, arg)
	}
	s.inv.words, s.left = words, s.left[1:]
	if construct != nil {
		return s.enter(construct(s.app))
	}
	return nil
}

// enter makes the command's flags the known ones. Those given before it must be
// its flags too.
func (s *scanner) enter(c *command) error {
	c.flags = append(c.flags, sharedFlags(s.app, c)...)
	s.inv.command, s.flags = c, c.flags
	for i, g := range s.inv.given {
		own := lookUp(c.flags, g.spelled)
		if own == nil || (own.value == "") != (g.flag.value == "") {
			return usagef("smp %s does not take %s", c.name, g.spelled)
		}
		s.inv.given[i].flag = own
	}
	return nil
}

// known finds a flag as it is spelled. Before the command is known it may be one of
// any command; those are constructed only where that is needed.
func (s *scanner) known(spelled string) *flag {
	f := lookUp(s.flags, spelled)
	if f != nil || s.inv.command != nil || s.wide {
		return f
	}
	s.wide = true
	for _, e := range s.commands {
		s.flags = append(s.flags, e.make(s.app).flags...)
	}
	return lookUp(s.flags, spelled)
}

// argument takes one flag or argument of the command.
func (s *scanner) argument() error {
	arg := s.left[0]
	switch {
	case s.ended || !isFlag(arg):
		s.inv.args, s.left = append(s.inv.args, arg), s.left[1:]
		s.ended = s.ended || s.inv.command.argsEnd
		return nil
	case arg == "--":
		s.left, s.ended = s.left[1:], true
		return nil
	}
	return s.flag()
}

// flag takes the flag, or cluster of flags, that is next.
func (s *scanner) flag() error {
	arg := s.left[0]
	s.left = s.left[1:]
	if arg == "--" {
		return usagef("a command must come before --")
	}
	if name, ok := strings.CutPrefix(arg, "--"); ok {
		name, value, attached := strings.Cut(name, "=")
		return s.long(name, value, attached)
	}
	if len(arg) > 2 && lookUp(s.flags, "-"+arg) != nil {
		return usagef("%s is written with two dashes", arg).hint("--%s", arg[1:])
	}
	return s.cluster(arg[1:])
}

// long takes --name or --name=value.
func (s *scanner) long(name, value string, attached bool) error {
	spelled := "--" + name
	f := s.known(spelled)
	switch {
	case f == nil:
		return unknownFlag(spelled, s.inv.command, s.flags)
	case attached:
		s.give(f, spelled, value)
	case f.value == "":
		s.give(f, spelled, "true")
	default:
		return s.giveNext(f, spelled)
	}
	return nil
}

// cluster takes -fsSL, -XPOST, -ofile: switches, then perhaps a flag whose value
// is the rest or the next argument.
func (s *scanner) cluster(letters string) error {
	for i, r := range letters {
		spelled := "-" + string(r)
		f := s.known(spelled)
		if f == nil {
			return unknownFlag(spelled, s.inv.command, s.flags)
		}
		if f.value == "" {
			s.give(f, spelled, "true")
			continue
		}
		if rest := letters[i+utf8.RuneLen(r):]; rest != "" {
			s.give(f, spelled, rest)
			return nil
		}
		return s.giveNext(f, spelled)
	}
	return nil
}

// giveNext gives a flag the next argument as its value. A value may begin with a
// dash (-5), but one that is a known long flag was rather forgotten.
func (s *scanner) giveNext(f *flag, spelled string) error {
	if len(s.left) == 0 {
		return usagef("%s needs a value: %s", spelled, f.value)
	}
	value := s.left[0]
	if name, ok := strings.CutPrefix(value, "--"); ok {
		name, _, _ = strings.Cut(name, "=")
		if name == "" || lookUp(s.flags, "--"+name) != nil {
			return usagef("%s needs a value, and --%s is none", spelled, name).
				hint("if it is meant as the value, write --%s=--%s", f.name, name)
		}
	}
	s.left = s.left[1:]
	s.give(f, spelled, value)
	return nil
}

func (s *scanner) give(f *flag, spelled, value string) {
	switch f.name {
	case "help":
		s.inv.help = true
	case "version":
		s.inv.version = true
	}
	s.inv.given = append(s.inv.given, givenFlag{f, spelled, value})
}

// wantsJSON looks for --json in arguments that may not be understood.
func wantsJSON(args []string) (yes bool) {
	for _, arg := range args {
		name, value, attached := strings.Cut(arg, "=")
		switch {
		case arg == "--":
			return yes
		case name == "--json" && attached:
			yes, _ = parseSwitch(value)
		case name == "--json":
			yes = true
		}
	}
	return yes
}

// path is the command line a person types for a command.
func path(words []string) string {
	return strings.Join(append([]string{"smp"}, words...), " ")
}
