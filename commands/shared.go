package commands

import (
	"smp/client"
	"smp/commands/cli"
	"smp/commands/term"
)

// sharedOptions are the values of the shared flags; an empty text was not given.
type sharedOptions struct {
	verbose, quiet, silent, showError bool

	json bool

	service, rpm                   string
	endpoint, apiKeyFile, caCert   string
	ledger                         string
	insecure, proxyInsecure        string // "true", "false", or not given
	timeout, connectTimeout, delay string
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
		flags = append(flags, paceFlagList(&a.shared)...)
	}
	if lacks&connectionFlags == 0 {
		flags = append(flags, connectionFlagList(&a.shared)...)
	}
	return flags
}

// rootFlags are known before a command is.
func (a *app) rootFlags() []cli.Flag {
	version := cli.Flag{Name: "version", Short: "V", Group: outputGroup, Usage: "print version, commit and Go version", Set: cli.Switch(new(bool))}
	return append(a.sharedFlags(0), version)
}

const (
	outputGroup     = "Output"
	connectionGroup = "Connection"
)

func paceFlagList(o *sharedOptions) []cli.Flag {
	return []cli.Flag{
		{
			Name: "delay", Value: "D", Group: connectionGroup, Env: "SMP_DELAY", Def: "12s; 0 of Zyte API",
			Usage: "time between two requests of one outgoing IP", Set: cli.NonEmpty(&o.delay),
		},
		{
			Name: "rpm", Value: "N", Group: connectionGroup, Env: "SMP_RPM",
			Usage: "send at most N requests of the API key in a minute, evenly", Set: cli.NonEmpty(&o.rpm),
		},
	}
}

func connectionFlagList(o *sharedOptions) []cli.Flag {
	return []cli.Flag{
		{
			Name: "service", Value: "NAME", Group: connectionGroup, Env: "SMP_SERVICE", Def: "by the endpoint", Offer: []string{client.SPM.Name, client.ZyteAPI.Name},
			Usage: "what is there: spm or zyte-api", Set: cli.NonEmpty(&o.service),
		},
		{
			Name: "endpoint", Value: "URL", Group: connectionGroup, Env: "SMP_ENDPOINT", Def: "the service's",
			Usage: "where the service listens", Set: cli.NonEmpty(&o.endpoint),
		},
		{
			Name: "api-key-file", Value: "FILE", Group: connectionGroup, Env: "SMP_API_KEY_FILE",
			Usage: "read the API key from FILE, - for stdin", Set: cli.NonEmpty(&o.apiKeyFile),
		},
		{
			Name: "cacert", Value: "FILE", Group: connectionGroup, Env: "SMP_CACERT", Def: "the system's",
			Usage: "trust the CAs in FILE (PEM)", Set: cli.NonEmpty(&o.caCert),
		},
		{
			Name: "insecure", Short: "k", Group: connectionGroup, Env: "SMP_INSECURE",
			Usage: "do not verify certificates of targets", Set: switchText(&o.insecure),
		},
		{
			Name: "proxy-insecure", Group: connectionGroup, Env: "SMP_PROXY_INSECURE",
			Usage: "do not verify the certificate of an https endpoint", Set: switchText(&o.proxyInsecure),
		},
		{
			Name: "ledger", Value: "URL", Group: connectionGroup, Env: "SMP_LEDGER", Def: "files of this user",
			Usage: "keep one pace with other machines, by redis://HOST:PORT/DB", Set: cli.NonEmpty(&o.ledger),
		},
		{
			Name: "timeout", Short: "m", Also: []string{"max-time"}, Value: "D", Group: connectionGroup, Env: "SMP_TIMEOUT",
			Def: "20m, 60s for session calls", Usage: "limit of one request, own waiting excluded", Set: cli.NonEmpty(&o.timeout),
		},
		{
			Name: "connect-timeout", Value: "D", Group: connectionGroup, Env: "SMP_CONNECT_TIMEOUT", Def: "30s",
			Usage: "limit of connecting", Set: cli.NonEmpty(&o.connectTimeout),
		},
	}
}

// switchText keeps a switch as text, since configuration is text.
func switchText(p *string) func(string) error {
	return func(s string) error {
		_, err := cli.ParseSwitch(s)
		*p = s
		return err
	}
}

func messageFlags(o *sharedOptions) []cli.Flag {
	return []cli.Flag{
		{Name: "verbose", Short: "v", Group: outputGroup, Usage: "show requests and answers on stderr, secrets redacted", Set: cli.Switch(&o.verbose)},
		{Name: "quiet", Short: "q", Group: outputGroup, Usage: "show errors only; the same as -sS", Set: cli.Switch(&o.quiet)},
		{Name: "silent", Short: "s", Group: outputGroup, Usage: "show nothing on stderr", Set: cli.Switch(&o.silent)},
		{Name: "show-error", Short: "S", Group: outputGroup, Usage: "with -s, show errors all the same", Set: cli.Switch(&o.showError)},
		{Name: "help", Short: "h", Group: outputGroup, Usage: "show this help", Set: cli.Switch(new(bool))},
	}
}
