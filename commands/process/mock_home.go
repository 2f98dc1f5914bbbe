package process

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// MockHome is the private directory of one mock: its certificate, and what a
// COMMAND run against it must not share with anybody.
type MockHome string

// NewMockHome makes the directory. The caller removes it.
func NewMockHome(caCert []byte) (MockHome, error) {
	dir, err := os.MkdirTemp("", "smp-mock-")
	if err == nil {
		dir, err = filepath.Abs(dir) // the variables go to programs in other directories
	}
	if err != nil {
		return "", fmt.Errorf("making a directory for the mock: %w", err)
	}
	home := MockHome(dir)
	if err := os.WriteFile(home.CACert(), caCert, 0o600); err != nil {
		return "", errors.Join(fmt.Errorf("writing the mock's certificate: %w", err), home.Remove())
	}
	return home, nil
}

// CACert is the path of the certificate.
func (h MockHome) CACert() string { return filepath.Join(string(h), "ca.pem") }

// Remove removes the directory.
func (h MockHome) Remove() error { return os.RemoveAll(string(h)) }

// StateDir is a state directory that begins empty.
func (h MockHome) StateDir() (string, error) {
	dir := filepath.Join(string(h), "state")
	return dir, os.Mkdir(dir, 0o700)
}

// BinDir is a directory that holds the running program, whatever its file is
// called, under the name smp.
func (h MockHome) BinDir() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(string(h), "bin")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	return dir, linkProgram(self, filepath.Join(dir, ProgramName()))
}

// ProgramName is what the file of smp is called.
func ProgramName() string {
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
