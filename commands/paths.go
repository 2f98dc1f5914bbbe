package commands

import (
	"os"
	"path/filepath"
	"strings"

	"smp/commands/cli"
)

// pickPath is pick for a setting that names a file. What is typed is a path as every
// other program takes it; for the rest see path.
func (c *configReader) pickPath(key, typed string) (setting, error) {
	found := c.pick(key, typed, "")
	if typed != "" {
		return found, nil
	}
	var err error
	if found.value, err = c.path(found.value, found.origin); err != nil {
		return found, err
	}
	c.into.list[len(c.into.list)-1] = found
	return found, nil
}

// path is a path of the environment or the config file, which no shell has read: "~/" is
// the user's home there, and a relative path in the file counts from that file's folder.
func (c *configReader) path(path, origin string) (string, error) {
	switch {
	case path == "", path == "-":
		return path, nil
	case origin != c.file.path:
		return environmentPath(c.app.env, origin, path)
	}
	path = expandHome(c.app.env, path)
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(c.file.path), path)
	}
	return path, nil
}

// environmentPath is a path that a variable of the environment names. A relative one
// would be another file in every folder. The error does not quote the path: it may be the
// API key, where the name of its file belongs.
func environmentPath(env Env, variable, path string) (string, error) {
	path = expandHome(env, path)
	if path == "" || path == os.DevNull || filepath.IsAbs(path) {
		return path, nil
	}
	return "", cli.Usagef("%s: the path is relative, and would be another one in every folder", variable).
		Hint(`write it out: export %s="$PWD/…"`, variable)
}

func expandHome(env Env, path string) string {
	if rest, found := strings.CutPrefix(path, "~/"); found {
		if home := homeDir(env); home != "" {
			return filepath.Join(home, rest)
		}
	}
	return path
}

// state notes where the ledger is. That the directory is usable matters to those who
// open it.
func (c *configReader) state() error {
	_, err := c.pickPath("state_dir", "")
	return err
}
