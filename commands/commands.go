// Package commands is the command line of smp: the only package that prints, reads
// the environment, or knows exit codes.
//
// A command is three parts: an options struct, a constructor that declares its
// flags to fill that struct, and run, which sees neither the command line's library
// nor the process. To add one, write
//
//	func newFrob(a *app) *command {
//		o := &frobOptions{app: a, tries: 3}
//		return &command{name: "frob", args: "URL", summary: "…",
//			flags: []flag{{name: "tries", value: "N", usage: "…", set: whole(&o.tries, 1)}},
//			run:   o.run}
//	}
//
// and a line in [all]. Flags may stand anywhere on the command line; the shared
// ones (shared.go) are accepted by every command that does not say it lacks them.
package commands

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"smp/commands/term"
)

// all lists the commands in the order in which help shows them.
func all() registry {
	return registry{
		{"session create", newSessionCreate},
		{"session list", newSessionList},
		{"session delete", newSessionDelete},
		{"session forget", newSessionForget},
		{"session run", newSessionRun},
		{"fetch", newFetch},
		{"batch", newBatch},
		{"mock", newMock},
		{"doctor", newDoctor},
		{"completion", newCompletion},
		{"help", newHelp},
	}
}

// app is one run of the program: what commands are built from.
type app struct {
	env      Env
	out      *term.Output
	messages *term.Messages
	stdin    *term.Stdin
	shared   sharedOptions
	commands registry
	config   *settings // read once, by settings
	typed    []string  // what smp itself was given: values of flags, and arguments

	// signalsCaught returns when signals no longer end the program at once: to be
	// waited for before anything is begun that has to be cleaned up.
	signalsCaught func()
}

// Main runs the command line args, which do not hold the program's name, and
// returns the exit code. It ends early when ctx does; the cause of that is a
// [SignalError] where a signal asked for it.
func Main(ctx context.Context, args []string, env Env) int {
	a := newApp(env, all())
	return a.finish(ctx, a.run(ctx, args))
}

func newApp(env Env, commands registry) *app {
	messages := term.NewMessages(env.Stderr, env.lookup)
	messages.Redactor = redactor(env.lookup("SMP_API_KEY")) // until the configuration is known
	return &app{
		env:      env,
		out:      term.NewOutput(env.Stdout, env.lookup, messages),
		messages: messages,
		stdin:    term.NewStdin(env.Stdin),
		commands: commands,

		signalsCaught: func() {},
	}
}

func (a *app) run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == completeCommand {
		return a.complete(ctx, args[1:])
	}
	inv, err := parse(a, a.commands, args)
	a.out.JSON = wantsJSON(args) && (inv.command == nil || !inv.command.argsEnd)
	switch {
	case err != nil:
		return err
	case inv.version:
		return a.printVersion(ctx)
	case inv.help:
		return a.printHelp(ctx, inv.words)
	}
	return a.execute(ctx, inv)
}

// execute lets the library fill the options of the command and run it. It gets no
// more than the command and the flags that were given: its time to start grows with
// the square of the flags it is told of.
func (a *app) execute(ctx context.Context, inv *invocation) error {
	var invalid error
	words := inv.words
	a.typed = inv.typed()
	leaf := &cli.Command{
		Name:     words[len(words)-1],
		Flags:    libraryFlags(inv, &invalid),
		HideHelp: true,
		Action: func(c *cli.Context) error {
			if invalid != nil {
				return invalid
			}
			a.configure()
			a.signalsCaught = a.env.begin()
			return inv.command.run(c.Context, c.Args().Slice())
		},
		OnUsageError: unforeseenUsage,
	}
	for i := len(words) - 2; i >= 0; i-- {
		leaf = &cli.Command{Name: words[i], Subcommands: []*cli.Command{leaf}, HideHelp: true, OnUsageError: unforeseenUsage}
	}
	return newLibraryApp(leaf).RunContext(ctx, append([]string{"smp"}, inv.canonical()...))
}

// newLibraryApp makes the library silent and keeps it from ending the process.
func newLibraryApp(root *cli.Command) *cli.App {
	return &cli.App{
		Name:                      "smp",
		Commands:                  []*cli.Command{root},
		HideHelp:                  true,
		HideHelpCommand:           true,
		HideVersion:               true,
		DisableSliceFlagSeparator: true,
		Writer:                    io.Discard,
		ErrWriter:                 io.Discard,
		Compiled:                  time.Unix(1, 0), // or it asks the file system
		OnUsageError:              unforeseenUsage,
		ExitErrHandler:            func(*cli.Context, error) {},
	}
}

// unforeseenUsage keeps the library from printing. Canonical arguments leave it
// nothing to complain about.
func unforeseenUsage(_ *cli.Context, err error, _ bool) error { return usagef("%v", err) }

// libraryFlags declares the flags that were given, once each.
func libraryFlags(inv *invocation, invalid *error) []cli.Flag {
	var flags []cli.Flag
	declared := map[string]bool{}
	for _, g := range inv.given {
		if !declared[g.flag.name] {
			declared[g.flag.name] = true
			flags = append(flags, &cli.GenericFlag{Name: g.flag.name, Value: &setter{flag: g.flag, invalid: invalid}})
		}
	}
	return flags
}

// setter carries a value from the library to the flag. The library would flatten
// errors to text that quotes the value, so the first one is kept beside it.
type setter struct {
	flag    *flag
	invalid *error
}

func (s *setter) Set(value string) error {
	err := s.flag.set(value)
	if err != nil && *s.invalid == nil {
		usage := new(usageError)
		if !errors.As(err, &usage) {
			usage = usagef("--%s: %v", s.flag.name, err)
		}
		*s.invalid = usage
	}
	return nil
}

func (s *setter) String() string { return "" }

// configure puts the shared flags into force.
func (a *app) configure() {
	a.out.JSON = a.shared.json
	a.messages.Level = a.shared.level()
}
