package config

import (
	"os"
	"path/filepath"

	"smp/client/ledger"
	"smp/commands/cli"
)

// pickPath is pick for a setting that names a file. What is typed is a path as every
// other program takes it; for the rest see path.
func (r *Reader) pickPath(key, typed string) (*Setting, error) {
	found := r.pick(key, typed, "")
	if typed != "" {
		return found, nil
	}
	path, err := r.path(found.Value, found.Origin)
	if err == nil {
		found.Value = path
	}
	return found, err
}

// path is a path of the environment or the config file, which no shell has read. "~/"
// is the user's home there, and a relative path in the file counts from that file's
// folder.
func (r *Reader) path(path, origin string) (string, error) {
	switch {
	case path == "", path == "-":
		return path, nil
	case origin != r.file.Path:
		return environmentPath(r.Lookup, origin, path)
	}
	path = ledger.ExpandHome(r.Lookup, path)
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(r.file.Path), path)
	}
	return path, nil
}

// environmentPath is a path that a variable of the environment names. A relative one
// would be another file in every folder. The error does not quote the path: it may be the
// API key, where the name of its file belongs.
func environmentPath(lookup func(string) string, variable, path string) (string, error) {
	path = ledger.ExpandHome(lookup, path)
	if path == "" || path == os.DevNull || filepath.IsAbs(path) {
		return path, nil
	}
	return "", cli.Usagef("%s: the path is relative, and would be another one in every folder", variable).
		Hint(`write it out: export %s="$PWD/…"`, variable)
}

// state notes where the ledger is. That the directory is usable matters to those who
// open it.
func (r *Reader) state() error {
	_, err := r.pickPath("state_dir", "")
	return err
}
