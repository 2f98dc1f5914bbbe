package commands

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// mockHome is the private directory of one mock: its certificate, and what a
// COMMAND run against it must not share with anybody.
type mockHome string

func newMockHome(caCert []byte) (mockHome, error) {
	dir, err := os.MkdirTemp("", "smp-mock-")
	if err == nil {
		dir, err = filepath.Abs(dir) // the variables go to programs in other directories
	}
	if err != nil {
		return "", fmt.Errorf("making a directory for the mock: %w", err)
	}
	home := mockHome(dir)
	if err := os.WriteFile(home.caCert(), caCert, 0o600); err != nil {
		return "", errors.Join(fmt.Errorf("writing the mock's certificate: %w", err), home.remove())
	}
	return home, nil
}

func (h mockHome) caCert() string { return filepath.Join(string(h), "ca.pem") }

func (h mockHome) remove() error { return os.RemoveAll(string(h)) }

// stateDir is a state directory that begins empty.
func (h mockHome) stateDir() (string, error) {
	dir := filepath.Join(string(h), "state")
	return dir, os.Mkdir(dir, 0o700)
}

// binDir is a directory that holds the running program, whatever its file is
// called, under the name smp.
func (h mockHome) binDir() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(string(h), "bin")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	return dir, linkProgram(self, filepath.Join(dir, programName()))
}

func programName() string {
	if runtime.GOOS == "windows" {
		return "smp.exe"
	}
	return "smp"
}

// linkProgram makes the program at from appear at to. Links may be forbidden
// (Windows) or not there (some file systems): a copy always works.
func linkProgram(from, to string) error {
	if os.Symlink(from, to) == nil || os.Link(from, to) == nil {
		return nil
	}
	return copyProgram(from, to)
}

func copyProgram(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o700)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
