package commands

import (
	"smp/commands/cli"
	"smp/commands/config"
	"smp/commands/term"
)

// sharedOptions are the values of the shared flags.
type sharedOptions struct {
	verbose, quiet, silent, showError bool

	json bool

	config config.Flags
}

// level says which messages -v, -q, -s and -S ask for.
func (o *sharedOptions) level() term.Level {
	return term.Level{
		Trace:  o.verbose,
		Info:   !o.quiet && !o.silent,
		Errors: !o.silent || o.showError || o.quiet,
	}
}

// sharedGroup is a group of flags that commands have in common. Those of messages and
// --help are in none: every command has them.
type sharedGroup int

const (
	jsonFlag        sharedGroup = 1 << iota // --json
	connectionFlags                         // --endpoint, --api-key-file, --cacert, timeouts …
	paceFlags                               // --delay
)

// sharedFlags are the flags that a command has besides its own. lacks names the groups
// that mean nothing to it.
func (a *app) sharedFlags(lacks sharedGroup) []cli.Flag {
	var flags []cli.Flag
	if lacks&jsonFlag == 0 {
		flags = append(flags, cli.Flag{Name: "json", Group: outputGroup, Usage: "print one JSON document", Set: cli.Switch(&a.shared.json)})
	}
	flags = append(flags, messageFlags(&a.shared)...)
	if lacks&paceFlags == 0 {
		flags = append(flags, a.shared.config.Pace()...)
	}
	if lacks&connectionFlags == 0 {
		flags = append(flags, a.shared.config.Connection()...)
	}
	return flags
}

// rootFlags are known before a command is.
func (a *app) rootFlags() []cli.Flag {
	version := cli.Flag{Name: "version", Short: "V", Group: outputGroup, Usage: "print version, commit and Go version", Set: cli.Switch(new(bool))}
	return append(a.sharedFlags(0), version)
}

const outputGroup = "Output"

func messageFlags(o *sharedOptions) []cli.Flag {
	return []cli.Flag{
		{Name: "verbose", Short: "v", Group: outputGroup, Usage: "show requests and answers on stderr, secrets redacted", Set: cli.Switch(&o.verbose)},
		{Name: "quiet", Short: "q", Group: outputGroup, Usage: "show errors only; the same as -sS", Set: cli.Switch(&o.quiet)},
		{Name: "silent", Short: "s", Group: outputGroup, Usage: "show nothing on stderr", Set: cli.Switch(&o.silent)},
		{Name: "show-error", Short: "S", Group: outputGroup, Usage: "with -s, show errors all the same", Set: cli.Switch(&o.showError)},
		{Name: "help", Short: "h", Group: outputGroup, Usage: "show this help", Set: cli.Switch(new(bool))},
	}
}
