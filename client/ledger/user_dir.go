package ledger

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// OpenUser opens the ledger that the smp command line uses for a service and an API key,
// so that a program keeps one pace with it. lookup reads the environment, as [os.Getenv]
// does: the directory is SMP_STATE_DIR, where "~/" is the home, else the one of
// [MakeUserDir]. The command line's config file, which may name another one or a server,
// is not read.
func OpenUser(lookup func(name string) string, service, key string, o Options) (*Ledger, error) {
	dir, err := ExpandHome(lookup, lookup("SMP_STATE_DIR")), error(nil)
	switch {
	case dir == "":
		dir, err = MakeUserDir(lookup, func(err error) {
			if o.Notify != nil {
				o.Notify(err)
			}
		})
	case !filepath.IsAbs(dir):
		err = errRelative
	default:
		err = MakeDir(dir)
	}
	if err != nil {
		return nil, err
	}
	return Open(Scope(dir, service, key), o)
}

var errRelative = errors.New("SMP_STATE_DIR: the path is relative, and would be another ledger in every folder")

// MakeUserDir makes the first of [UserDirs] that this user can have. Where the best one is
// somebody else's, notify is told.
func MakeUserDir(lookup func(name string) string, notify func(error)) (string, error) {
	var first error
	for _, dir := range UserDirs(lookup) {
		err := makeDefault(dir, lookup)
		if err == nil {
			// A user who cannot have a directory of their own is not told each time.
			if errors.Is(first, errForeign) {
				notify(fmt.Errorf("%w: state is kept in %s, apart from what was recorded so far", first, dir))
			}
			return dir, nil
		}
		first = cmp.Or(first, err)
	}
	return "", fmt.Errorf("no usable state directory: %w", first)
}

// UserDirs lists where ledgers are kept if nobody says where, best first. A directory
// of the user's state comes before one of temporary files, which paces a user without
// a home too. lookup reads the environment.
func UserDirs(lookup func(name string) string) []string {
	var dirs []string
	if dir := lookup("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		dirs = append(dirs, filepath.Join(dir, "smp"))
	} else if home := HomeDir(lookup); home != "" {
		dirs = append(dirs, filepath.Join(home, ".local", "state", "smp"))
	}
	return append(dirs, temporaryDir(lookup))
}

func temporaryDir(lookup func(string) string) string {
	return filepath.Join(cmp.Or(lookup("TMPDIR"), os.TempDir()), fmt.Sprintf("smp-%d", os.Getuid()))
}

func makeDefault(dir string, lookup func(string) string) error {
	if dir == temporaryDir(lookup) {
		return makeTemporary(dir)
	}
	return makeUser(dir, HomeDir(lookup))
}

// HomeDir gives the user's home, or nothing. lookup reads the environment.
func HomeDir(lookup func(name string) string) string {
	if runtime.GOOS == "windows" {
		return lookup("USERPROFILE")
	}
	return lookup("HOME")
}

// ExpandHome replaces "~/" at the beginning of a path by the user's home, if there is one.
func ExpandHome(lookup func(name string) string, path string) string {
	if rest, found := strings.CutPrefix(path, "~/"); found {
		if home := HomeDir(lookup); home != "" {
			return filepath.Join(home, rest)
		}
	}
	return path
}

// errForeign is why a directory is of no use after a run as root with this user's home,
// or for root in one.
var errForeign = errors.New("it belongs to another user")

// makeUser makes a directory, but none in another user's home: there it
// would shut that user out.
func makeUser(dir, home string) error {
	_, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if info, err := os.Stat(home); err == nil && !OwnedByUser(info) {
			return &StateError{"use", home, errForeign}
		}
	}
	return MakeDir(dir)
}

// makeTemporary makes a directory where everybody may make some. A link, which
// anybody could have left there, is not followed.
func makeTemporary(dir string) error {
	if err := MakeDir(dir); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err == nil && !info.IsDir() {
		err = &StateError{"use", dir, syscall.ENOTDIR}
	}
	return err
}

// MakeDir makes a directory with mode 0700. One that belongs to somebody else, that
// others may write to or that this user may not is a *StateError.
func MakeDir(dir string) error {
	err := checkDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return &StateError{"create", dir, cause(err)}
		}
		err = checkDir(dir)
	}
	if err != nil {
		return &StateError{"use", dir, cause(err)}
	}
	return nil
}
