package process

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"smp/client/durable"
)

// RelayHome is the private directory of one relay: what its clients need to trust it.
type RelayHome struct {
	dir   string
	alive *os.File // locked for as long as the relay lives
	Roots string   // the file of the system's roots; "" where none was found
}

const (
	relayHomePrefix = "smp-relay-"
	relayAlive      = "alive"
)

// NewRelayHome writes the CA's certificate, and a bundle of the system's roots with
// it, for programs whose variable replaces the roots. The caller removes the directory.
func NewRelayHome(caCert []byte, lookup func(string) string) (*RelayHome, error) {
	h := &RelayHome{}
	err := h.make()
	if err == nil {
		err = h.write(caCert, lookup)
	}
	if err != nil {
		return nil, errors.Join(err, h.Remove())
	}
	return h, nil
}

// make makes the directory. The file that shows its owner alive has that name only
// once it is locked, so that no other relay takes this one for dead.
func (h *RelayHome) make() error {
	dir, err := os.MkdirTemp("", relayHomePrefix)
	if err == nil {
		h.dir = dir
		h.dir, err = filepath.Abs(dir) // the variables go to programs in other directories
	}
	if err != nil {
		return fmt.Errorf("making a directory for the relay: %w", err)
	}
	root, err := os.OpenRoot(h.dir)
	if err != nil {
		return fmt.Errorf("opening the relay's directory: %w", err)
	}
	defer root.Close()
	if h.alive, err = durable.Lock(root, "starting"); err == nil {
		err = root.Rename("starting", relayAlive)
	}
	if err != nil {
		return fmt.Errorf("locking the relay's directory: %w", err)
	}
	return nil
}

func (h *RelayHome) write(caCert []byte, lookup func(string) string) error {
	roots, file := systemRoots(lookup)
	h.Roots = file
	bundle := bytes.Join([][]byte{bytes.TrimRight(roots, "\n"), caCert}, []byte("\n"))
	wgetrc := "ca_certificate = " + h.bundle() + "\n"
	err := errors.Join(
		os.WriteFile(h.caCert(), caCert, 0o600),
		os.WriteFile(h.bundle(), bundle, 0o600),
		os.WriteFile(h.wgetrc(), []byte(wgetrc), 0o600))
	if err != nil {
		return fmt.Errorf("writing the relay's certificates: %w", err)
	}
	return nil
}

func (h *RelayHome) caCert() string { return filepath.Join(h.dir, "ca.pem") }
func (h *RelayHome) bundle() string { return filepath.Join(h.dir, "bundle.pem") }
func (h *RelayHome) wgetrc() string { return filepath.Join(h.dir, "wgetrc") }

// Remove removes the directory. It may be called of a home that was not made whole.
func (h *RelayHome) Remove() error {
	if h.dir == "" {
		return nil
	}
	if h.alive != nil {
		_ = h.alive.Close()
	}
	return os.RemoveAll(h.dir)
}

// rootFiles are where systems keep their roots in one file.
var rootFiles = []string{
	"/etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Gentoo, Arch
	"/etc/pki/tls/certs/ca-bundle.crt",                  // Fedora, RHEL 6
	"/etc/ssl/ca-bundle.pem",                            // OpenSUSE
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // CentOS, RHEL 7
	"/etc/ssl/cert.pem",                                 // Alpine, macOS, the BSDs
}

// systemRoots reads the roots that programs trust here: those of SSL_CERT_FILE, which
// is about to be replaced, else the system's.
func systemRoots(lookup func(string) string) (roots []byte, file string) {
	for _, name := range append([]string{cmp.Or(lookup("SSL_CERT_FILE"), os.DevNull)}, rootFiles...) {
		if roots, err := os.ReadFile(name); err == nil && bytes.Contains(roots, []byte("-----BEGIN CERTIFICATE-----")) {
			return roots, name
		}
	}
	return nil, ""
}
