package authority

import (
	"crypto"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net/netip"
)

// certificateFor returns the certificate of host with a key that the client of hello can
// use. A client that offers no ECDSA, which only happens before TLS 1.3, gets an RSA key.
func (a *Authority) certificateFor(hello *tls.ClientHelloInfo, host string) (*tls.Certificate, error) {
	cert, err := a.certificate(host, false)
	if err != nil || hello.SupportsCertificate(cert) == nil {
		return cert, err
	}
	other, err := a.certificate(host, true)
	if err != nil || hello.SupportsCertificate(other) != nil {
		return cert, err // no key helps this client
	}
	return other, nil
}

// certificate returns one for host, a DNS name or an IP address (IPv6 with or without
// brackets) without port. It is minted at the first call and kept for the next ones. The
// error says why host can have none.
func (a *Authority) certificate(host string, rsa bool) (*tls.Certificate, error) {
	name, addr, err := parseHost(host)
	if err != nil {
		return nil, err
	}
	l := a.leaf(leafKind{name, rsa})
	l.once.Do(func() {
		if l.cert, l.err = a.mint(l.kind, addr); l.err != nil {
			l.err = fmt.Errorf("mint a certificate for %q: %w", name, l.err)
		}
	})
	return l.cert, l.err
}

// leaf reserves the cache entry only. The certificate is minted outside the
// lock, so that the first connection to one host does not wait for another's.
func (a *Authority) leaf(kind leafKind) *leaf {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.leaves.get(kind)
}

func (a *Authority) signer(rsa bool) (crypto.Signer, error) {
	if rsa {
		return a.rsaKey()
	}
	return a.leafKey, nil
}

func (a *Authority) mint(kind leafKind, addr netip.Addr) (*tls.Certificate, error) {
	key, err := a.signer(kind.rsa)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		Subject:     pkix.Name{Organization: a.cert.Subject.Organization},
		NotBefore:   a.cert.NotBefore,
		NotAfter:    a.cert.NotAfter,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if kind.rsa {
		template.KeyUsage |= x509.KeyUsageKeyEncipherment // key exchange without Diffie-Hellman
	}
	if addr.IsValid() {
		template.IPAddresses = append(template.IPAddresses, addr.AsSlice())
	} else {
		template.DNSNames = []string{kind.name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	// The CA goes along: a browser may know it by the digest of its key alone.
	return &tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: key, Leaf: parsed}, nil
}
