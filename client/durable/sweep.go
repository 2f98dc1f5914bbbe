package durable

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
)

// Sweep removes the temporaries that killed processes left in the directory
// dir of root ("." for root itself). The caller ensures that no living process is
// writing there.
func Sweep(root *os.Root, dir string) error {
	entries, err := fs.ReadDir(root.FS(), dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasPrefix(e.Name(), tempPrefix) {
			errs = append(errs, root.Remove(path.Join(dir, e.Name())))
		}
	}
	return errors.Join(errs...)
}
