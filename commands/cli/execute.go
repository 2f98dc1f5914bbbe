package cli

import (
	"context"
	"errors"
	"io"
	"time"

	urfave "github.com/urfave/cli/v2"
)

// Execute lets the library set the flags that were given, calls ready, and runs the
// command. The library gets no more than that command and those flags: its time to
// start grows with the square of the flags it is told of.
func (inv *Invocation) Execute(ctx context.Context, ready func()) error {
	var invalid error
	words := inv.Words
	leaf := &urfave.Command{
		Name:     words[len(words)-1],
		Flags:    libraryFlags(inv, &invalid),
		HideHelp: true,
		Action: func(c *urfave.Context) error {
			if invalid != nil {
				return invalid
			}
			ready()
			return inv.Command.Run(c.Context, c.Args().Slice())
		},
		OnUsageError: unforeseenUsage,
	}
	for i := len(words) - 2; i >= 0; i-- {
		leaf = &urfave.Command{Name: words[i], Subcommands: []*urfave.Command{leaf}, HideHelp: true, OnUsageError: unforeseenUsage}
	}
	app := newLibraryApp(inv.program.Name, leaf)
	return app.RunContext(ctx, append([]string{inv.program.Name}, inv.canonical()...))
}

// newLibraryApp makes the library silent and keeps it from ending the process.
func newLibraryApp(name string, root *urfave.Command) *urfave.App {
	return &urfave.App{
		Name:                      name,
		Commands:                  []*urfave.Command{root},
		HideHelp:                  true,
		HideHelpCommand:           true,
		HideVersion:               true,
		DisableSliceFlagSeparator: true,
		Writer:                    io.Discard,
		ErrWriter:                 io.Discard,
		Compiled:                  time.Unix(1, 0), // or it asks the file system
		OnUsageError:              unforeseenUsage,
		ExitErrHandler:            func(*urfave.Context, error) {},
	}
}

// unforeseenUsage keeps the library from printing. Canonical arguments leave it
// nothing to complain about.
func unforeseenUsage(_ *urfave.Context, err error, _ bool) error { return Usagef("%v", err) }

// libraryFlags declares the flags that were given, once each.
func libraryFlags(inv *Invocation, invalid *error) []urfave.Flag {
	var flags []urfave.Flag
	declared := map[string]bool{}
	for _, g := range inv.given {
		if !declared[g.flag.Name] {
			declared[g.flag.Name] = true
			flags = append(flags, &urfave.GenericFlag{Name: g.flag.Name, Value: &setter{flag: g.flag, invalid: invalid}})
		}
	}
	return flags
}

// setter carries a value from the library to the flag. The library would flatten
// errors to text that quotes the value, so the first one is kept beside it.
type setter struct {
	flag    *Flag
	invalid *error
}

func (s *setter) Set(value string) error {
	err := s.flag.Set(value)
	if err != nil && *s.invalid == nil {
		usage := new(UsageError)
		if !errors.As(err, &usage) {
			usage = Usagef("--%s: %v", s.flag.Name, err)
		}
		*s.invalid = usage
	}
	return nil
}

func (s *setter) String() string { return "" }
