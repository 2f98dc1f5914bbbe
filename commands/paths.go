package commands

import (
	"path/filepath"
	"strings"

	"smp/commands/cli"
)

// pickPath is pick for a setting that names a file. No shell has read the environment
// and the config file: "~/" is the user's home there, and a relative path in the file
// counts from that file's folder.
func (c *configReader) pickPath(key, typed string) setting {
	found := c.pick(key, typed, "")
	if typed == "" {
		found.value = c.path(found.value, found.origin)
		c.into.list[len(c.into.list)-1] = found
	}
	return found
}

func (c *configReader) path(path, origin string) string {
	path = expandHome(c.app.env, path)
	if path != "" && path != "-" && origin == c.file.path && !filepath.IsAbs(path) {
		return filepath.Join(filepath.Dir(c.file.path), path)
	}
	return path
}

func expandHome(env Env, path string) string {
	if rest, found := strings.CutPrefix(path, "~/"); found {
		if home := homeDir(env); home != "" {
			return filepath.Join(home, rest)
		}
	}
	return path
}

// state notes where the ledger is. A relative directory would be another ledger in
// every folder. That the directory is usable matters to those who open it.
func (c *configReader) state() error {
	found := c.pickPath("state_dir", "")
	if found.value != "" && !filepath.IsAbs(found.value) {
		return cli.Usagef("%s: %q is relative, and would be another directory in every folder", found.origin, found.value).
			Hint("write it out: export SMP_STATE_DIR=%q", "$PWD/"+found.value)
	}
	return nil
}
