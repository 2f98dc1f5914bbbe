package authority

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

const (
	certBlock = "CERTIFICATE"
	keyBlock  = "PRIVATE KEY" // PKCS #8
)

// Open returns the CA that the file at path holds, certificate and key; where there
// is no such file it makes one, as [New] does. A file that others than its owner can
// read is refused, and so is a CA that has expired.
//
// Whoever trusts the CA by hand trusts whoever has that file.
func Open(path, name string) (*Authority, error) {
	a, err := load(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return a, err
	}
	if a, err = New(name); err != nil {
		return nil, err
	}
	switch err := a.save(path); {
	case errors.Is(err, fs.ErrExist): // another process was faster
		return load(path)
	case err != nil:
		return nil, err
	}
	return a, nil
}

func load(path string) (*Authority, error) {
	info, err := os.Stat(path) // first: to open a pipe is to wait for its writer
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", path)
	case info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows":
		return nil, fmt.Errorf("%s can be read by others, and holds a private key: chmod 600 %s", path, quoted(path))
	case info.Size() > 64<<10:
		return nil, fmt.Errorf("%s is too large for a certificate and a key", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	a, err := parse(text, time.Now())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

// quoted makes one word of a POSIX shell of a path.
func quoted(path string) string { return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'" }

func parse(text []byte, now time.Time) (*Authority, error) {
	var cert *x509.Certificate
	var key *ecdsa.PrivateKey
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		var err error
		switch block.Type {
		case certBlock:
			cert, err = x509.ParseCertificate(block.Bytes)
		case keyBlock:
			key, err = parseKey(block.Bytes)
		}
		if err != nil {
			return nil, err
		}
	}
	switch {
	case cert == nil || key == nil:
		return nil, errors.New("no certificate with its private key in it")
	case !cert.IsCA || !key.PublicKey.Equal(cert.PublicKey):
		return nil, errors.New("its certificate is no CA's, or not that of its key")
	case now.After(cert.NotAfter):
		return nil, fmt.Errorf("its CA expired on %s: delete the file to have a new one made, and import that", cert.NotAfter.Format(time.DateOnly))
	}
	return newAuthority(cert, key)
}

func parseKey(der []byte) (*ecdsa.PrivateKey, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, errors.New("its key is not an ECDSA one")
	}
	return key, nil
}

// save writes the CA to path, whole or not at all, where nothing is yet.
func (a *Authority) save(path string) (err error) {
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".smp-ca-") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(a.CertPEM(), pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: der})...))
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}
