package commands

import (
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// manual is the manual page smp(1), from the declarations that help shows.
func manual(a *app) string {
	r := &roff{}
	r.line(".TH SMP 1 %s %s %s", roffQuote(manualDate()), roffQuote("smp "+thisBuild().Version), roffQuote("User Commands"))
	r.section("NAME")
	r.line(`smp \- work with sessions of Zyte Smart Proxy Manager from the shell`)
	r.section("SYNOPSIS")
	r.line(".nf")
	for _, e := range a.commands {
		c := e.make(a)
		r.line(`\fBsmp %s\fR [\fIflags\fR] %s`, roffText(c.name), roffText(c.args))
	}
	r.line(".fi")
	r.section("DESCRIPTION")
	r.prose(manualDescription + "\n\n" + commonRules)
	r.section("COMMANDS")
	for _, e := range a.commands {
		r.command(e.make(a))
	}
	r.section("COMMON FLAGS")
	r.prose("Of these, each command takes those that mean something to it: smp help COMMAND lists them.")
	r.flags(rootFlags(a))
	r.files(a)
	return r.text.String()
}

const manualDescription = `Sessions of Smart Proxy Manager each have an outgoing IP of their own. smp creates, lists and deletes them, and fetches URLs in them, one or many.

The service allows one request of an outgoing IP each 12 seconds and makes those wait that come sooner. smp keeps to that across all processes of a user on a machine: before a request in a session it takes the next slot of the session's IP in a ledger, and waits for it.

What a command is asked for goes to stdout, everything else to stderr. A pipe gets tab-separated lines, a terminal tables; with --json there is one JSON document, also on failure. The API key is taken from the environment or a file, never from the command line, and shown nowhere.`

func (r *roff) command(c *command) {
	r.subsection(strings.TrimSpace("smp " + c.name + " [flags] " + c.args))
	r.prose(sentence(c.summary))
	if c.about != "" {
		r.prose(c.about)
	}
	r.flags(c.flags)
	r.examples(c.examples)
}

func (r *roff) flags(flags []flag) {
	for _, f := range flags {
		r.term(strings.TrimSpace(spelling(f)), meaning(f))
	}
}

// files tells of everything outside of the command line.
func (r *roff) files(a *app) {
	r.section("EXIT STATUS")
	for _, e := range exitCodeTable() {
		r.term(e.code, e.meaning)
	}
	r.section("ENVIRONMENT")
	for _, v := range slices.Concat(environmentVariables(), foreignVariables()) {
		r.term(v.name, v.meaning)
	}
	r.prose("HTTP_PROXY, ALL_PROXY and NO_PROXY are not read. An empty variable is an unset one.")
	r.section("FILES")
	r.term("$XDG_CONFIG_HOME/smp/config.toml, else ~/.config/smp/config.toml", "Settings, in TOML: "+
		strings.Join(configKeys, ", ")+`; and a table [delays] with lines such as "shop.com" = "60s", which hold for subdomains too. `+
		"With api_key in it, it must be readable for its owner alone.")
	r.term("$XDG_STATE_HOME/smp, else ~/.local/state/smp, else $TMPDIR/smp-UID", "The ledger: what this machine knows of sessions, names and slots.")
	r.section("EXAMPLES")
	r.examples(firstSteps())
	r.section("SEE ALSO")
	r.line(`\fBcurl\fR(1), https://docs.zyte.com/smart\-proxy\-manager.html`)
}

// manualDate is the day of the commit that the program was built from; a page
// without one is dated by its reader.
func manualDate() string {
	if info, found := debug.ReadBuildInfo(); found {
		if at, err := time.Parse(time.RFC3339, stamped(info, "vcs.time")); err == nil {
			return at.Format(time.DateOnly)
		}
	}
	return ""
}

func sentenceStart(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
