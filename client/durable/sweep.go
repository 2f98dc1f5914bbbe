package durable

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
)

// Sweep removes the temporaries that a killed process left in root, by the mark that it
// gave [CreateIn]. Temporaries of any other process stay.
func Sweep(root *os.Root, mark string) error {
	names, err := marks(root, marked(mark))
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range names {
		errs = append(errs, root.Remove(name))
	}
	return errors.Join(errs...)
}

// marks returns the regular files in root whose names begin with prefix. It reads the
// directory in pieces: there may be a million others.
func marks(root *os.Root, prefix string) (names []string, err error) {
	dir, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	for {
		entries, err := dir.ReadDir(1024)
		if errors.Is(err, io.EOF) {
			return names, nil
		}
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if e.Type().IsRegular() && strings.HasPrefix(e.Name(), prefix) {
				names = append(names, e.Name())
			}
		}
	}
}

// NewMark returns a mark that no other process has.
func NewMark() string { return strconv.FormatUint(rand.Uint64(), 36) }

func marked(mark string) string { return tempPrefix + mark + "-" }
