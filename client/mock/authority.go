package mock

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"net/netip"
	"sync"
	"time"
)

const (
	authorityAge  = 365 * 24 * time.Hour
	authoritySlop = 24 * time.Hour // a client whose clock is behind still accepts it
)

// authority is the CA that the mock's TLS interception signs with. It is made
// anew for each mock and its key exists in memory only, so that trusting it
// opens nothing once the mock has ended.
//
// It is safe for concurrent use.
type authority struct {
	cert    *x509.Certificate
	key     *ecdsa.PrivateKey
	leafKey *ecdsa.PrivateKey // shared by all leaves: a mock's names keep no secrets from one another

	mu     sync.Mutex
	leaves leafCache
}

// newAuthority makes a CA that is valid from a day before now, as time.Now
// tells it, for a year: inside a synctest bubble that is the bubble's time.
func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generate the CA's key: %w", err)
	}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generate the certificates' key: %w", err)
	}
	cert, err := selfSigned(key, time.Now())
	if err != nil {
		return nil, fmt.Errorf("sign the CA: %w", err)
	}
	return &authority{cert: cert, key: key, leafKey: leafKey, leaves: newLeafCache(maxLeaves)}, nil
}

func selfSigned(key *ecdsa.PrivateKey, now time.Time) (*x509.Certificate, error) {
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "smp mock CA", Organization: []string{"smp mock"}},
		NotBefore:             now.Add(-authoritySlop),
		NotAfter:              now.Add(authorityAge),
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

// pem returns the CA's certificate, never its key.
func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// certificate returns a certificate for host, a DNS name or an IP address
// (IPv6 with or without brackets) without port. It is minted at the first call
// and kept for the next ones. The error says why host can have none.
func (a *authority) certificate(host string) (*tls.Certificate, error) {
	name, addr, err := parseLeafName(host)
	if err != nil {
		return nil, err
	}
	return a.leaf(name).certificate(func() (*tls.Certificate, error) { return a.mint(name, addr) })
}

// leaf hands out the place of name's certificate. It is filled outside the
// lock, so that the first connection to one host does not wait for another's.
func (a *authority) leaf(name string) *leaf {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.leaves.get(name)
}

func (a *authority) mint(name string, addr netip.Addr) (*tls.Certificate, error) {
	template := &x509.Certificate{
		Subject:     pkix.Name{Organization: []string{"smp mock"}},
		NotBefore:   a.cert.NotBefore,
		NotAfter:    a.cert.NotAfter,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if addr.IsValid() {
		template.IPAddresses = append(template.IPAddresses, addr.AsSlice())
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, a.leafKey.Public(), a.key)
	if err != nil {
		return nil, fmt.Errorf("mint a certificate for %q: %w", name, err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("mint a certificate for %q: %w", name, err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.leafKey, Leaf: parsed}, nil
}
