// Package authority is a certificate authority on this machine, for programs
// that answer TLS in the place of any host: the mock and the relay. [New] keeps its key
// in memory; [Open] keeps it in a file, for clients that import the CA by hand.
package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"sync"
	"time"
)

const (
	lifetime  = 365 * 24 * time.Hour
	clockSkew = 24 * time.Hour // a client whose clock is behind still accepts the certificates
)

// Authority is a CA and the certificates that it has signed for hosts. It is
// safe for concurrent use.
type Authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey

	// One key serves every host: the hosts of one process keep no secrets from
	// one another.
	leafKey *ecdsa.PrivateKey
	rsaKey  func() (*rsa.PrivateKey, error)

	mu     sync.Mutex
	leaves leafCache
}

// New makes a CA with a new key that exists in memory only. The CA is valid
// from a day before time.Now for a year. Name is shown to whoever looks at a
// certificate, as "NAME CA".
func New(name string) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generate the CA's key: %w", err)
	}
	cert, err := selfSigned(name, key, time.Now())
	if err != nil {
		return nil, fmt.Errorf("sign the CA: %w", err)
	}
	return newAuthority(cert, key)
}

// newAuthority joins a CA certificate and its key.
func newAuthority(cert *x509.Certificate, key *ecdsa.PrivateKey) (*Authority, error) {
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generate the certificates' key: %w", err)
	}
	return &Authority{
		cert: cert, key: key, leafKey: leafKey,
		rsaKey: sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) }),
		leaves: newLeafCache(maxLeaves),
	}, nil
}

func selfSigned(name string, key *ecdsa.PrivateKey, now time.Time) (*x509.Certificate, error) {
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name + " CA", Organization: []string{name}},
		NotBefore:             now.Add(-clockSkew),
		NotAfter:              now.Add(lifetime),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// CertPEM returns the CA's certificate, never its key.
func (a *Authority) CertPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// SPKI returns the base64 SHA-256 digest of the CA's public key, as Chromium's
// --ignore-certificate-errors-spki-list takes it.
func (a *Authority) SPKI() string {
	sum := sha256.Sum256(a.cert.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}
