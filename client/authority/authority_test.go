package authority

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func newTest(t testing.TB) *Authority {
	t.Helper()
	a, err := New("smp test")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func trusting(a *Authority) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(a.CertPEM())
	return pool
}

func TestLeafNames(t *testing.T) {
	t.Parallel()
	a := newTest(t)
	for _, tc := range []struct{ host, verifies string }{
		{"example.com", "example.com"},
		{"EXAMPLE.com.", "example.com"},
		{"under_score.example", "under_score.example"},
		{"localhost", "localhost"},
		{"127.0.0.1", "127.0.0.1"},
		{"::1", "::1"},
		{"[2001:db8::1]", "2001:db8::1"},
		{"::ffff:10.0.0.1", "10.0.0.1"},
		{strings.Repeat("a", 63) + "." + strings.Repeat("b", 63) + ".example", strings.Repeat("a", 63) + "." + strings.Repeat("b", 63) + ".example"},
	} {
		cert, err := a.certificate(tc.host, false)
		if err != nil {
			t.Errorf("the certificate of %q: %v", tc.host, err)
			continue
		}
		if _, err := cert.Leaf.Verify(x509.VerifyOptions{DNSName: tc.verifies, Roots: trusting(a)}); err != nil {
			t.Errorf("the certificate of %q is not good for %s: %v", tc.host, tc.verifies, err)
		}
		if _, err := cert.Leaf.Verify(x509.VerifyOptions{DNSName: "other.example", Roots: trusting(a)}); err == nil {
			t.Errorf("the certificate of %q is good for other.example as well", tc.host)
		}
	}
}

// A browser that is told the digest of the CA's key looks for the CA in what it is shown.
func TestLeafShowsTheCA(t *testing.T) {
	t.Parallel()
	a, err := New("smp test")
	if err != nil {
		t.Fatal(err)
	}
	cert, err := a.certificate("shop.com", false)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(a.CertPEM())
	if len(cert.Certificate) != 2 || !bytes.Equal(cert.Certificate[1], block.Bytes) {
		t.Errorf("%d certificates, the CA not behind the leaf", len(cert.Certificate))
	}
}

func TestLeafRefuses(t *testing.T) {
	t.Parallel()
	a := newTest(t)
	for _, host := range []string{"", ".", "a..b", "*.example.com", "with space", "müller.example", "a\x00b", "host:443", strings.Repeat("a.", 127) + "aa"} {
		if cert, err := a.certificate(host, false); err == nil {
			t.Errorf("the certificate of %q = %v, want an error", host, cert.Leaf.DNSNames)
		}
	}
}

func TestLeafIsCached(t *testing.T) {
	t.Parallel()
	a := newTest(t)
	first, _ := a.certificate("example.com", false)
	again, _ := a.certificate("Example.COM.", false)
	if first != again {
		t.Error("another spelling of the same host got another certificate")
	}
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	c := newLeafCache(2)
	a := c.get(leafKind{name: "a"})
	c.get(leafKind{name: "b"})
	if c.get(leafKind{name: "a"}) != a {
		t.Fatal("a was minted twice")
	}
	c.get(leafKind{name: "c"}) // b is the one used least recently
	if c.get(leafKind{name: "a"}) != a {
		t.Error("a was dropped although it was used after b")
	}
	if len(c.byKind) != 2 || c.recent.Len() != 2 {
		t.Errorf("%d names and %d leaves, want 2", len(c.byKind), c.recent.Len())
	}
}

func TestLeafConcurrently(t *testing.T) {
	t.Parallel()
	a := newTest(t)
	var group sync.WaitGroup
	got := make([]*tls.Certificate, 40)
	for i := range got {
		group.Go(func() { got[i], _ = a.certificate(fmt.Sprintf("host%d.example", i%4), false) })
	}
	group.Wait()
	for i := range got {
		if got[i] == nil || got[i] != got[i%4] {
			t.Fatalf("call %d got another certificate than call %d", i, i%4)
		}
	}
}

func TestPEMHoldsNoKey(t *testing.T) {
	t.Parallel()
	block, rest := pem.Decode(newTest(t).CertPEM())
	if block == nil || block.Type != "CERTIFICATE" || len(bytes.TrimSpace(rest)) != 0 {
		t.Fatalf("want one certificate and nothing else, got %v and %q", block, rest)
	}
	if _, err := x509.ParseCertificate(block.Bytes); err != nil {
		t.Error(err)
	}
}

// A bubble lives in the year 2000; what is minted there must be valid there.
func TestHandshakeInBubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newTest(t)
		time.Sleep(31 * time.Minute)
		cert, err := a.certificate("example.com", false)
		if err != nil {
			t.Fatal(err)
		}
		near, far := net.Pipe()
		defer near.Close()
		defer far.Close()
		server := tls.Server(far, &tls.Config{Certificates: []tls.Certificate{*cert}})
		done := make(chan error, 1)
		go func() { done <- server.Handshake() }()
		client := tls.Client(near, &tls.Config{ServerName: "example.com", RootCAs: trusting(a)})
		if err := client.Handshake(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func BenchmarkMint(b *testing.B) {
	a := newTest(b)
	for i := 0; b.Loop(); i++ {
		if _, err := a.certificate(fmt.Sprintf("host%d.example", i), false); err != nil {
			b.Fatal(err)
		}
	}
}

// Whatever a client names: a certificate that is good for it, or an error.
func FuzzLeaf(f *testing.F) {
	a := newTest(f)
	for _, host := range []string{"example.com", "EXAMPLE.com.", "127.0.0.1.", "127.0.0.1", "[::1]", "::ffff:1.2.3.4", "*.example.com", "a..b", "xn--mller-kva.example", "-", "_", "1.2.3", "fe80::1%eth0", "\xff", ""} {
		f.Add(host)
	}
	f.Fuzz(func(t *testing.T, host string) {
		cert, err := a.certificate(host, false)
		if err != nil {
			return
		}
		name, addr, err := parseHost(host)
		if err != nil {
			t.Fatalf("%q has a certificate and is no name: %v", host, err)
		}
		if len(cert.Leaf.DNSNames)+len(cert.Leaf.IPAddresses) != 1 {
			t.Fatalf("%q: names %q, addresses %v", host, cert.Leaf.DNSNames, cert.Leaf.IPAddresses)
		}
		if addr.IsValid() != (len(cert.Leaf.IPAddresses) == 1) || !addr.IsValid() && cert.Leaf.DNSNames[0] != name {
			t.Fatalf("%q: the certificate is for %q %v", host, cert.Leaf.DNSNames, cert.Leaf.IPAddresses)
		}
	})
}
