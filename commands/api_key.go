package commands

import (
	"errors"
	"slices"
	"strings"

	"smp/commands/cli"
	"smp/commands/config"
	"smp/commands/curl"
	"smp/commands/term"
)

// requireKey ends the run where no key is configured.
func requireKey(s *config.Settings) error {
	if s.Key != "" {
		return nil
	}
	variables := "SMP_API_KEY=…"
	if s.Service != nil && s.Service.KeyName != "" {
		variables += " or " + s.Service.KeyName + "=…"
	}
	return &exitError{code: exitCredentials, err: errors.New("no API key is configured"), hints: []string{
		"export " + variables + ", or keep the key in a file: --api-key-file FILE",
		"to try things out without one: smp mock -- COMMAND",
	}}
}

// notTyped refuses a command line that holds the key. Every process of this machine
// can read it there, and what is typed is sent, kept and printed.
func (a *app) notTyped(key string) error {
	if len(key) < term.ShortKey {
		return nil
	}
	guard := curl.NewGuard(key)
	for _, text := range a.typed {
		if guard.Check("", text) != nil {
			return cli.Usagef("an argument holds the API key, which every process of this machine could read").
				Hint("smp sends the key to the proxy by itself: leave it out")
		}
	}
	if strings.Contains(a.env.lookup("SMP_SESSION"), key) {
		return cli.Usagef("SMP_SESSION holds the API key, which is no session").Hint("unset SMP_SESSION")
	}
	return nil
}

// withholdKey drops from an environment what smp reads the API key from, and every
// other variable that holds the key. It names the latter.
func withholdKey(environ []string, key string) (kept, dropped []string) {
	guard := curl.NewGuard(key)
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		switch {
		case slices.Contains([]string{"SMP_API_KEY", "SMP_API_KEY_FILE", "ZYTE_API_KEY"}, name):
		case key != "" && (value == key || guard.Check("", value) != nil),
			name == "SMP_ENDPOINT" && strings.Contains(value, "@"):
			dropped = append(dropped, name)
		default:
			kept = append(kept, entry)
		}
	}
	return kept, dropped
}
