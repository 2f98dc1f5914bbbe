package durable

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
)

// Sweep removes the temporaries that a killed process left in root, by the mark that it
// gave [CreateIn]. Temporaries of any other process stay.
func Sweep(root *os.Root, mark string) error {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasPrefix(e.Name(), marked(mark)) {
			errs = append(errs, root.Remove(e.Name()))
		}
	}
	return errors.Join(errs...)
}

// NewMark returns a mark that no other process has.
func NewMark() string { return strconv.FormatUint(rand.Uint64(), 36) }

func marked(mark string) string { return tempPrefix + mark + "-" }
