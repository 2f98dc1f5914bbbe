package commands

import (
	"errors"
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

// notTyped refuses a command line that holds the key: every process of this machine can
// read it there, and what is typed is sent, kept and printed.
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
