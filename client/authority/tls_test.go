package authority

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net"
	"testing"
)

// shake lets a client meet a server of that authority, and returns what the
// client saw.
func shake(t *testing.T, a *Authority, client *tls.Config) (tls.ConnectionState, error) {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", a.ServerConfig(func(*tls.ClientHelloInfo) string { return "unnamed.example" }))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if far, err := l.Accept(); err == nil {
			_ = far.(*tls.Conn).Handshake()
			_ = far.Close()
		}
	}()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	client.RootCAs = trusting(a)
	c := tls.Client(near, client)
	err = c.Handshake()
	return c.ConnectionState(), err
}

// A client that offers a costlier key exchange, too, is answered with the plain one.
func TestKeyExchange(t *testing.T) {
	t.Parallel()
	a := newTest(t)
	for _, offer := range [][]string{nil, {"h2"}} {
		if state, err := shake(t, a, &tls.Config{ServerName: "a.example", NextProtos: offer}); err != nil || state.CurveID != tls.X25519 {
			t.Errorf("offer %q: %v, %v", offer, state.CurveID, err)
		}
	}
}

func TestALPN(t *testing.T) {
	t.Parallel()
	a := newTest(t)
	for _, tc := range []struct {
		offer []string
		want  string
	}{
		{nil, ""},
		{[]string{"http/1.1"}, "http/1.1"},
		{[]string{"h2", "http/1.1"}, "http/1.1"},
		{[]string{"http/1.0"}, ""},
		{[]string{"h2"}, ""},
	} {
		state, err := shake(t, a, &tls.Config{ServerName: "a.example", NextProtos: tc.offer})
		if err != nil || state.NegotiatedProtocol != tc.want {
			t.Errorf("offer %q: %q, %v; want %q", tc.offer, state.NegotiatedProtocol, err, tc.want)
		}
	}
}

func TestClientWithoutECDSA(t *testing.T) {
	t.Parallel()
	a := newTest(t)
	for _, suite := range []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256} {
		state, err := shake(t, a, &tls.Config{ServerName: "a.example", MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{suite}})
		if err != nil {
			t.Fatalf("%s: %v", tls.CipherSuiteName(suite), err)
		}
		if _, ok := state.PeerCertificates[0].PublicKey.(*rsa.PublicKey); !ok {
			t.Errorf("%s: a key of type %T", tls.CipherSuiteName(suite), state.PeerCertificates[0].PublicKey)
		}
	}
	state, err := shake(t, a, &tls.Config{ServerName: "a.example"})
	if err != nil {
		t.Fatal(err)
	}
	if state.PeerCertificates[0].PublicKeyAlgorithm != x509.ECDSA {
		t.Errorf("any other client: a key of type %v", state.PeerCertificates[0].PublicKeyAlgorithm)
	}
}

func TestUnnamedHost(t *testing.T) {
	t.Parallel()
	a := newTest(t)
	// Go sends no server name for an address and verifies against the address.
	if _, err := shake(t, a, &tls.Config{ServerName: "127.0.0.1"}); err == nil {
		t.Error("a certificate for unnamed.example was good for 127.0.0.1")
	}
	state, err := shake(t, a, &tls.Config{InsecureSkipVerify: true})
	if err != nil || state.PeerCertificates[0].DNSNames[0] != "unnamed.example" {
		t.Errorf("%v, %v", state.PeerCertificates, err)
	}
}

func TestSPKI(t *testing.T) {
	t.Parallel()
	a := newTest(t)
	block, _ := pem.Decode(a.CertPEM())
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKIXPublicKey(cert.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	want := sha256.Sum256(key)
	if got, err := base64.StdEncoding.DecodeString(a.SPKI()); err != nil || !bytes.Equal(got, want[:]) {
		t.Errorf("%s, %v", a.SPKI(), err)
	}
}
