package commands

import (
	"fmt"
	"os"
	"path/filepath"

	"smp/commands/cli"
)

// stateDir finds the directory for the ledgers and makes it. Where nothing is
// configured it falls back on a directory of temporary files, so that a user
// without a home is paced too.
func (a *app) stateDir(s *settings) (string, error) {
	if configured := s.setting("state_dir"); configured.value != "" {
		if err := makeState(configured.value); err != nil {
			return "", configured.invalid(err)
		}
		return configured.value, nil
	}
	var first error
	for _, dir := range defaultStateDirs(a.env) {
		err := makeState(dir)
		if err == nil {
			return dir, nil
		}
		if first == nil {
			first = err
		}
	}
	return "", cli.Usagef("no usable state directory: %v", first).Hint("export SMP_STATE_DIR=DIR")
}

// defaultStateDirs lists where state is kept, best first.
func defaultStateDirs(env Env) []string {
	var dirs []string
	if dir := env.lookup("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		dirs = append(dirs, filepath.Join(dir, "smp"))
	} else if home := homeDir(env); home != "" {
		dirs = append(dirs, filepath.Join(home, ".local", "state", "smp"))
	}
	temporary := env.lookup("TMPDIR")
	if temporary == "" {
		temporary = os.TempDir()
	}
	return append(dirs, filepath.Join(temporary, fmt.Sprintf("smp-%d", os.Getuid())))
}

// makeState makes a directory that is this user's alone.
func makeState(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is no directory", dir)
	}
	if !ownedByUser(info) {
		return fmt.Errorf("%s belongs to another user", dir)
	}
	if err := checkPrivate(dir, info); err != nil {
		return err
	}
	return writable(dir)
}
