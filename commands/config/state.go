package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"smp/commands/cli"
)

// MakeStateDir finds the directory for the ledgers and makes it. Where nothing is
// configured it falls back on a directory of temporary files, so that a user
// without a home is paced too. If that is because the user's own directory is somebody
// else's, info says so.
func (s *Settings) MakeStateDir(lookup func(string) string, info func(format string, args ...any)) (string, error) {
	if configured := s.Setting("state_dir"); configured.Value != "" {
		if err := makeState(configured.Value); err != nil {
			return "", configured.Invalid(err)
		}
		return configured.Value, nil
	}
	var first error
	for _, dir := range DefaultStateDirs(lookup) {
		err := makeDefaultState(dir, lookup)
		if err == nil {
			// A user who cannot have a directory of their own is not told each time.
			if errors.As(first, new(*foreignError)) {
				info("%v: state is kept in %s, apart from what was recorded so far", first, dir)
			}
			return dir, nil
		}
		first = cmp.Or(first, err)
	}
	return "", cli.Usagef("no usable state directory: %v", first).Hint("export SMP_STATE_DIR=DIR")
}

// DefaultStateDirs lists where state is kept, best first.
func DefaultStateDirs(lookup func(string) string) []string {
	var dirs []string
	if dir := lookup("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		dirs = append(dirs, filepath.Join(dir, "smp"))
	} else if home := homeDir(lookup); home != "" {
		dirs = append(dirs, filepath.Join(home, ".local", "state", "smp"))
	}
	return append(dirs, temporaryStateDir(lookup))
}

func temporaryStateDir(lookup func(string) string) string {
	return filepath.Join(cmp.Or(lookup("TMPDIR"), os.TempDir()), fmt.Sprintf("smp-%d", os.Getuid()))
}

func makeDefaultState(dir string, lookup func(string) string) error {
	if dir == temporaryStateDir(lookup) {
		return makeTemporaryState(dir)
	}
	return makeUserState(dir, homeDir(lookup))
}

// foreignError says that a directory is somebody else's: as after a run as root with
// this user's home, or as for root in one.
type foreignError struct{ dir string }

func (e *foreignError) Error() string { return e.dir + " belongs to another user" }

// makeUserState makes a state directory, but none in another user's home: there it
// would shut that user out.
func makeUserState(dir, home string) error {
	_, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if info, err := os.Stat(home); err == nil && !OwnedByUser(info) {
			return &foreignError{home}
		}
	}
	return makeState(dir)
}

// makeTemporaryState makes a directory where everybody may make some. A link, which
// anybody could have left there, is not followed.
func makeTemporaryState(dir string) error {
	if err := makeState(dir); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no directory", dir)
	}
	return err
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
	if !OwnedByUser(info) {
		return &foreignError{dir}
	}
	if err := checkPrivate(dir, info); err != nil {
		return err
	}
	return writable(dir)
}
