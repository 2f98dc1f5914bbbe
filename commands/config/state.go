package config

import (
	"smp/client/ledger"
	"smp/commands/cli"
)

// MakeStateDir finds the directory for the ledgers and makes it. If the user's own one
// is somebody else's, info says so.
func (s *Settings) MakeStateDir(lookup func(string) string, info func(format string, args ...any)) (string, error) {
	if configured := s.Setting("state_dir"); configured.Value != "" {
		if err := ledger.MakeDir(configured.Value); err != nil {
			return "", configured.Invalid(err)
		}
		return configured.Value, nil
	}
	dir, err := ledger.MakeUserDir(lookup, func(err error) { info("%v", err) })
	if err != nil {
		return "", cli.Usagef("%v", err).Hint("export SMP_STATE_DIR=DIR")
	}
	return dir, nil
}
