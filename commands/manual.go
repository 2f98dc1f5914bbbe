package commands

import (
	"slices"
	"strings"
	"time"

	"smp/client"

	"smp/commands/cli"
	"smp/commands/config"
)

const manualDescription = `Sessions of Smart Proxy Manager each have an outgoing IP of their own. smp creates, lists and deletes them, and fetches URLs in them, one or many.

The service allows one request of an outgoing IP each 12 seconds and makes those wait that come sooner. smp keeps to that across all processes of a user on a machine: before a request in a session it takes the next slot of the session's IP in a ledger, and waits for it.

What a command is asked for goes to stdout, everything else to stderr. A pipe gets tab-separated lines, a terminal tables; with --json there is one JSON document, also on failure. The API key is taken from the environment or a file, never from the command line, and shown nowhere.`

// manual is what the manual page tells besides the commands.
func manual() cli.Manual {
	var codes, variables []cli.Term
	for _, e := range exitCodeTable() {
		codes = append(codes, cli.Term{Name: e.code, Meaning: e.meaning})
	}
	for _, v := range slices.Concat(environmentVariables(), foreignVariables()) {
		variables = append(variables, cli.Term{Name: v.name, Meaning: v.meaning})
	}
	return cli.Manual{
		Date: manualDate(), Version: thisBuild().Version,
		Name: "work with sessions of Zyte Smart Proxy Manager from the shell", Description: manualDescription,
		Sections: []cli.Section{
			{Title: "EXIT STATUS", Terms: codes},
			{Title: "ENVIRONMENT", Terms: variables, Text: "HTTP_PROXY, ALL_PROXY and NO_PROXY are not read. An empty variable is an unset one."},
			{Title: "FILES", Terms: []cli.Term{
				{Name: "$XDG_CONFIG_HOME/smp/config.toml, else ~/.config/smp/config.toml", Meaning: "Settings, in TOML: " +
					strings.Join(config.Keys, ", ") + `; and tables [delays], between two requests of one outgoing IP, and [targets], between any two requests, with lines ` +
					`such as "shop.com" = "60s", which hold for subdomains too. ` +
					"With api_key in it, it must be readable for its owner alone."},
				{Name: "$XDG_STATE_HOME/smp, else ~/.local/state/smp, else $TMPDIR/smp-UID", Meaning: "The ledger: what this machine knows of sessions, names and slots."},
			}},
		},
		SeeAlso: "curl(1), https://docs.zyte.com/smart-proxy-manager.html",
	}
}

// manualDate is the day of the commit that the program was built from, or empty.
func manualDate() string {
	if at := builtAt(); !at.IsZero() {
		return at.Format(time.DateOnly)
	}
	return ""
}

// environmentVariable is one that smp reads, or sets for others.
type environmentVariable struct{ name, meaning string }

// environmentVariables lists the variables for the manual page and for doctor.
func environmentVariables() []environmentVariable {
	vars := []environmentVariable{
		{"SMP_API_KEY", "the API key"},
		{"SMP_CONFIG", "the config file, instead of $XDG_CONFIG_HOME/smp/config.toml"},
		{"SMP_LEDGER_PASSWORD_FILE", "a file with the password of the server that --ledger names"},
		{"SMP_STATE_DIR", "where the ledger is kept, instead of $XDG_STATE_HOME/smp"},
		{"SMP_SESSION", "the session of what names none: a fetch, a relay; set by session run"},
		{"SMP_TIME_SCALE", "divides the built-in durations, as the mock divides the service's; set by mock"},
		{"SMP_RELAY, SMP_RELAY_CA, SMP_RELAY_SPKI", "a relay's address, the file of its CA, the digest of the CA's key; set by exec and relay, read by nobody"},
		{"SMP_MOCK_PID, SMP_RELAY_PID", "the process of a mock or relay in the background; set by --background, read by --stop"},
	}
	var flags config.Flags
	for _, f := range append(flags.Connection(), flags.Pace()...) {
		vars = append(vars, environmentVariable{f.Env, f.Usage})
	}
	return vars
}

// foreignVariables are read too, with the meaning they have elsewhere.
func foreignVariables() []environmentVariable {
	return []environmentVariable{
		{client.ZyteAPI.KeyName, "the API key of Zyte API, where no other is set"},
		{"NO_COLOR", "if set, no colours"},
		{"CLICOLOR", "if 0, no colours"},
		{"CLICOLOR_FORCE", "if set and not 0, colours to pipes too"},
		{"TERM", "if dumb, no colours and no line that changes"},
		{"XDG_CONFIG_HOME, XDG_STATE_HOME, HOME, TMPDIR", "where files are; see FILES"},
	}
}
