package cli

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

// Invocation is a command line that was understood, or the part before an error.
type Invocation struct {
	program *Program
	Words   []string // of the command, as typed: "session", "create"
	Command *Command // nil where help or the version was asked for without one
	given   []givenFlag
	args    []string
	Help    bool
	Version bool
}

type givenFlag struct {
	flag    *Flag
	spelled string // "-n" or "--count"
	value   string
}

// canonical is the command line as the library wants it, without the program's name.
func (inv *Invocation) canonical() []string {
	out := slices.Clone(inv.Words)
	for _, g := range inv.given {
		out = append(out, "--"+g.flag.Name+"="+g.value)
	}
	return append(append(out, "--"), inv.args...)
}

// Typed lists the values and arguments that are meant for the program. A command that
// runs another one passes on what stands behind its first argument.
func (inv *Invocation) Typed() []string {
	var typed []string
	for _, g := range inv.given {
		typed = append(typed, g.value)
	}
	if inv.Command.ArgsEnd {
		return typed
	}
	return append(typed, inv.args...)
}

// scanner walks the arguments once.
type scanner struct {
	program *Program

	inv   *Invocation
	left  []string // not looked at yet
	flags []Flag   // known at this point of the line
	wide  bool     // flags are those of all commands
	ended bool     // flags have ended
}

// Parse understands a command line, without the program's name. Beside an error the
// invocation holds what was understood up to there.
func (p *Program) Parse(args []string) (*Invocation, error) {
	s := p.scan(args)
	for s.inv.Command == nil && !s.done() {
		if err := s.word(); err != nil {
			return s.inv, err
		}
	}
	for s.inv.Command != nil && !s.done() {
		if err := s.argument(); err != nil {
			return s.inv, err
		}
	}
	if s.inv.Command == nil && !s.inv.Help && !s.inv.Version {
		return s.inv, p.missingCommand(s.inv.Words)
	}
	return s.inv, nil
}

func (p *Program) scan(args []string) *scanner {
	return &scanner{program: p, inv: &Invocation{program: p}, left: args, flags: p.Shared()}
}

// done says that nothing is left that matters.
func (s *scanner) done() bool {
	return len(s.left) == 0 || s.inv.Help
}

// word takes one argument before the command is known: a flag, or the next word of
// the command's name.
func (s *scanner) word() error {
	arg := s.left[0]
	if isFlag(arg) {
		return s.flag()
	}
	if s.inv.Version {
		return Usagef("unexpected argument %q beside --version", arg)
	}
	words := append(slices.Clip(s.inv.Words), s.program.unalias(s.inv.Words, arg))
	if last := words[len(words)-1]; isFlag(last) && len(words) == 1 {
		s.left = append([]string{last}, s.left[1:]...)
		return s.flag()
	}
	construct := s.program.Commands.find(words)
	if construct == nil && len(s.program.Commands.under(words)) == 0 {
		return s.program.unknownCommand(s.inv.Words, arg)
	}
	s.inv.Words, s.left = words, s.left[1:]
	if construct != nil {
		return s.enter(construct())
	}
	return nil
}

// unalias is the word that arg stands for after words.
func (p *Program) unalias(words []string, arg string) string {
	meant, is := p.Aliases[arg]
	if !is || slices.Contains(p.Commands.next(words), arg) {
		return arg
	}
	if isFlag(meant) && len(words) == 0 || slices.Contains(p.Commands.next(words), meant) {
		return meant
	}
	return arg
}

// enter makes the command's flags the known ones. Those given before it must be
// its flags too.
func (s *scanner) enter(c *Command) error {
	s.inv.Command, s.flags = c, c.AllFlags()
	for i, g := range s.inv.given {
		own := lookUp(s.flags, g.spelled)
		if own == nil || (own.Value == "") != (g.flag.Value == "") {
			return Usagef("%s %s does not take %s", s.program.Name, c.Name, g.spelled)
		}
		s.inv.given[i].flag = own
	}
	return nil
}

// known finds a flag as it is spelled. Before the command is known it may be one of
// any command; those are constructed only where that is needed.
func (s *scanner) known(spelled string) *Flag {
	f := lookUp(s.flags, spelled)
	if f != nil || s.inv.Command != nil || s.wide {
		return f
	}
	s.wide = true
	for _, e := range s.program.Commands {
		s.flags = append(s.flags, e.Make().Flags...)
	}
	return lookUp(s.flags, spelled)
}

// argument takes one flag or argument of the command.
func (s *scanner) argument() error {
	arg := s.left[0]
	switch {
	case s.ended || !isFlag(arg):
		s.inv.args, s.left = append(s.inv.args, arg), s.left[1:]
		s.ended = s.ended || s.inv.Command.ArgsEnd
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
		return Usagef("a command must come before --")
	}
	if name, ok := strings.CutPrefix(arg, "--"); ok {
		name, value, attached := strings.Cut(name, "=")
		return s.long(name, value, attached)
	}
	if len(arg) > 2 && lookUp(s.flags, "-"+arg) != nil {
		return Usagef("%s is written with two dashes", arg).Hint("--%s", arg[1:])
	}
	return s.cluster(arg[1:])
}

// long takes --name or --name=value.
func (s *scanner) long(name, value string, attached bool) error {
	spelled := "--" + name
	f := s.known(spelled)
	switch {
	case f == nil:
		return s.program.unknownFlag(spelled, s.inv.Command, s.flags)
	case attached:
		s.give(f, spelled, value)
	case f.Value == "":
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
			return s.program.unknownFlag(spelled, s.inv.Command, s.flags)
		}
		if f.Value == "" {
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
func (s *scanner) giveNext(f *Flag, spelled string) error {
	if len(s.left) == 0 {
		return Usagef("%s needs a value: %s", spelled, f.Value)
	}
	value := s.left[0]
	if name, ok := strings.CutPrefix(value, "--"); ok {
		name, _, _ = strings.Cut(name, "=")
		if name == "" || lookUp(s.flags, "--"+name) != nil {
			return Usagef("%s needs a value, and --%s is none", spelled, name).
				Hint("if it is meant as the value, write --%s=--%s", f.Name, name)
		}
	}
	s.left = s.left[1:]
	s.give(f, spelled, value)
	return nil
}

func (s *scanner) give(f *Flag, spelled, value string) {
	switch f.Name {
	case "help":
		s.inv.Help = true
	case "version":
		s.inv.Version = true
	}
	s.inv.given = append(s.inv.given, givenFlag{f, spelled, value})
}

// SwitchGiven looks for a switch, "--json", in arguments that Parse may refuse.
func SwitchGiven(args []string, spelled string) (yes bool) {
	for _, arg := range args {
		name, value, attached := strings.Cut(arg, "=")
		switch {
		case arg == "--":
			return yes
		case name == spelled && attached:
			yes, _ = ParseSwitch(value)
		case name == spelled:
			yes = true
		}
	}
	return yes
}

// path is the command line that a person types for a command.
func (p *Program) path(words []string) string {
	return strings.Join(append([]string{p.Name}, words...), " ")
}
