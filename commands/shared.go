package commands

import "smp/commands/term"

// sharedOptions hold what the flags that commands have in common were given. An
// empty text was not given.
type sharedOptions struct {
	verbose, quiet, silent, showError bool

	json bool

	endpoint, apiKeyFile, caCert   string
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

// rootFlags are known before a command is.
func rootFlags(a *app) []flag {
	flags := sharedFlags(a, &command{})
	return append(flags, flag{name: "version", short: "V", group: outputGroup, usage: "print version, commit and Go version", set: on(new(bool))})
}

// sharedFlags are the flags that c has besides its own. A flag of its own hides
// the shared one of the same name or letter.
func sharedFlags(a *app, c *command) []flag {
	var flags []flag
	if c.lacks&jsonFlag == 0 {
		flags = append(flags, flag{name: "json", group: outputGroup, usage: "print one JSON document", set: on(&a.shared.json)})
	}
	flags = append(flags, talkFlags(&a.shared)...)
	if c.lacks&paceFlags == 0 {
		flags = append(flags, paceFlag(&a.shared))
	}
	if c.lacks&connectionFlags == 0 {
		flags = append(flags, connectionFlagList(&a.shared)...)
	}
	return besides(c.flags, flags)
}

// besides drops the flags whose name own ones have, and the letters they have.
func besides(own, flags []flag) []flag {
	var left []flag
	for _, f := range flags {
		if findFlag(own, f.name) != nil {
			continue
		}
		if f.short != "" && findShort(own, f.short) != nil {
			f.short = ""
		}
		left = append(left, f)
	}
	return left
}

const (
	outputGroup     = "Output"
	connectionGroup = "Connection"
)

func paceFlag(o *sharedOptions) flag {
	return flag{
		name: "delay", value: "D", group: connectionGroup, env: "SMP_DELAY", def: "12s",
		usage: "time between two requests of one outgoing IP", set: nonEmpty(&o.delay),
	}
}

func connectionFlagList(o *sharedOptions) []flag {
	return []flag{
		{
			name: "endpoint", value: "URL", group: connectionGroup, env: "SMP_ENDPOINT", def: defaultEndpoint,
			usage: "where the service listens", set: nonEmpty(&o.endpoint),
		},
		{
			name: "api-key-file", value: "FILE", group: connectionGroup, env: "SMP_API_KEY_FILE",
			usage: "read the API key from FILE, - for stdin", set: nonEmpty(&o.apiKeyFile),
		},
		{
			name: "cacert", value: "FILE", group: connectionGroup, env: "SMP_CACERT", def: "the system's",
			usage: "trust the CAs in FILE (PEM)", set: nonEmpty(&o.caCert),
		},
		{
			name: "insecure", short: "k", group: connectionGroup, env: "SMP_INSECURE",
			usage: "do not verify certificates of targets", set: switchText(&o.insecure),
		},
		{
			name: "proxy-insecure", group: connectionGroup, env: "SMP_PROXY_INSECURE",
			usage: "do not verify the certificate of an https endpoint", set: switchText(&o.proxyInsecure),
		},
		{
			name: "timeout", short: "m", also: []string{"max-time"}, value: "D", group: connectionGroup, env: "SMP_TIMEOUT",
			def: "20m, 60s for session calls", usage: "limit of one request, own waiting excluded", set: nonEmpty(&o.timeout),
		},
		{
			name: "connect-timeout", value: "D", group: connectionGroup, env: "SMP_CONNECT_TIMEOUT", def: "30s",
			usage: "limit of connecting", set: nonEmpty(&o.connectTimeout),
		},
	}
}

// switchText keeps a switch as the text that configuration has too.
func switchText(p *string) func(string) error {
	return func(s string) error {
		_, err := parseSwitch(s)
		*p = s
		return err
	}
}

func talkFlags(o *sharedOptions) []flag {
	return []flag{
		{name: "verbose", short: "v", group: outputGroup, usage: "show requests and answers on stderr, secrets redacted", set: on(&o.verbose)},
		{name: "quiet", short: "q", group: outputGroup, usage: "show errors only; the same as -sS", set: on(&o.quiet)},
		{name: "silent", short: "s", group: outputGroup, usage: "show nothing on stderr", set: on(&o.silent)},
		{name: "show-error", short: "S", group: outputGroup, usage: "with -s, show errors all the same", set: on(&o.showError)},
		{name: "help", short: "h", group: outputGroup, usage: "show this help", set: on(new(bool))},
	}
}
