// Package commands is the command line of smp, and lists its commands in [all]. No other
// package prints hints or knows an exit code.
//
// A command is three parts: an options struct, a constructor that declares flags to
// fill it, and a run method. The run method sees neither the command-line library
// nor the process. To add one, write
//
//	func newFrob(a *app) *cli.Command {
//		o := &frobOptions{app: a, tries: 3}
//		return &cli.Command{
//			Name: "frob", Args: "URL", Summary: "…",
//			Flags:  []cli.Flag{{Name: "tries", Value: "N", Usage: "…", Set: cli.Whole(&o.tries, 1)}},
//			Shared: a.sharedFlags(0),
//			Run:    o.run,
//		}
//	}
//
// and a line in all.
package commands

import (
	"cmp"
	"context"

	"smp/client"
	"smp/commands/cli"
	"smp/commands/config"
	"smp/commands/term"
)

// constructor makes a command for one run of the program.
type constructor struct {
	name string
	make func(*app) *cli.Command
}

// all lists the commands in the order in which help shows them.
func all() []constructor {
	return []constructor{
		{"session create", newSessionCreate},
		{"session list", newSessionList},
		{"session delete", newSessionDelete},
		{"session forget", newSessionForget},
		{"session run", newSessionRun},
		{"fetch", newFetch},
		{"batch", newBatch},
		{"exec", newExec},
		{"relay", newRelay},
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
	program  *cli.Program
	config   *config.Settings // read once, by settings
	typed    []string         // what smp itself was given: values of flags, and arguments

	// signalsCaught blocks until signals are caught. Whoever is about to make something
	// that must be cleaned up calls it first.
	signalsCaught func()
}

// Main runs the command line args, which do not hold the program's name, and
// returns the exit code. It ends early when ctx does; the cause of that is a
// [SignalError] where a signal asked for it.
func Main(ctx context.Context, args []string, env Env) int {
	a := newApp(env, all())
	return a.finish(ctx, a.run(ctx, args))
}

func newApp(env Env, commands []constructor) *app {
	messages := term.NewMessages(env.Stderr, env.lookup)
	messages.Redactor = term.Redactor(cmp.Or(env.lookup("SMP_API_KEY"), env.lookup(client.ZyteAPI.KeyName))) // until the configuration is known
	a := &app{
		env:      env,
		out:      term.NewOutput(env.Stdout, env.lookup, messages),
		messages: messages,
		stdin:    term.NewStdin(env.Stdin),

		signalsCaught: func() {},
	}
	a.program = a.newProgram(commands)
	return a
}

func (a *app) newProgram(commands []constructor) *cli.Program {
	p := &cli.Program{
		Name:       "smp",
		Summary:    "Work with sessions of Zyte Smart Proxy Manager and Zyte API from the shell.",
		Shared:     a.rootFlags,
		FirstSteps: firstSteps(),
		Rules:      commonRules,
		Synonyms:   synonyms(),
		Foreign:    foreignFlags(),
		Guess:      guessCommand,
		Aliases:    aliases(),
		Manual:     manual,
		Words:      a.knownSessions,
	}
	for _, c := range commands {
		p.Commands = append(p.Commands, cli.Entry{Name: c.name, Make: func() *cli.Command { return c.make(a) }})
	}
	return p
}

func (a *app) run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == cli.CompleteCommand {
		return a.complete(ctx, args[1:])
	}
	inv, err := a.program.Parse(args)
	a.out.JSON = cli.SwitchGiven(args, "--json") && (inv.Command == nil || !inv.Command.ArgsEnd)
	switch {
	case err != nil:
		return err
	case inv.Version:
		return a.printVersion(ctx)
	case inv.Help:
		return a.printHelp(ctx, inv.Words)
	}
	a.typed = inv.Typed()
	return inv.Execute(ctx, func() {
		a.configure()
		a.signalsCaught = a.env.begin()
	})
}

// configure puts the shared flags into force.
func (a *app) configure() {
	a.out.JSON = a.shared.json
	a.messages.Level = a.shared.level()
}

// source is where this run's settings come from.
func (a *app) source() config.Source {
	return config.Source{Flags: &a.shared.config, Lookup: a.env.lookup, Stdin: a.stdin}
}

// settings reads the configuration, once a run.
func (a *app) settings(ctx context.Context) (*config.Settings, error) {
	if a.config != nil {
		return a.config, nil
	}
	s, err := term.Await(ctx, func() (*config.Settings, error) { return config.Read(a.source()) })
	if err != nil {
		return nil, err
	}
	a.config = s
	a.messages.Redactor = term.Redactor(s.Key)
	return s, nil
}

// stateDir makes the directory for the ledgers.
func (a *app) stateDir(s *config.Settings) (string, error) {
	return s.MakeStateDir(a.env.lookup, a.messages.Info)
}
