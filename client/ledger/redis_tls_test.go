//go:build redis && unix

package ledger

import (
	"crypto/tls"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// openssl makes keys and certificates as an administrator would.
func openssl(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("openssl", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("openssl %q: %v\n%s", args, err, out)
	}
}

func makeAuthority(t *testing.T, dir, name string) {
	t.Helper()
	openssl(t, dir, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
		"-subj", "/CN="+name, "-keyout", name+".key", "-out", name+".pem")
}

// startSecureRedis starts a server that speaks TLS alone, and gives the directory with
// the CA that signed its certificate and another one.
func startSecureRedis(t *testing.T) (r *realRedis, dir string) {
	t.Helper()
	dir = t.TempDir()
	makeAuthority(t, dir, "ca")
	makeAuthority(t, dir, "other")
	must(t, os.WriteFile(filepath.Join(dir, "names"), []byte("subjectAltName=DNS:localhost,IP:127.0.0.1\n"), 0o600))
	openssl(t, dir, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=redis", "-keyout", "key.pem", "-out", "request.pem")
	openssl(t, dir, "x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", "cert.pem")
	r = startRedis(t)
	r.do("CONFIG", "SET",
		"tls-cert-file", filepath.Join(dir, "cert.pem"), "tls-key-file", filepath.Join(dir, "key.pem"),
		"tls-ca-cert-file", filepath.Join(dir, "ca.pem"), "tls-auth-clients", "no")
	r.begin()
	r.do("CONFIG", "SET", "port", "0", "tls-port", r.port)
	return r, dir
}

func TestRealRedisThroughTLS(t *testing.T) {
	r, dir := startSecureRedis(t)
	t.Setenv("SSL_CERT_FILE", filepath.Join(dir, "ca.pem"))
	traffic(t, "rediss://localhost:"+r.portName()+"/0", 5, 4, func([]*child) {})

	t.Setenv("SSL_CERT_FILE", filepath.Join(dir, "other.pem"))
	c := start(t, "send", "rediss://localhost:"+r.portName()+"/0", "42", "1ms", "1")
	if err := c.Wait(); err == nil || !strings.Contains(c.stderr.String(), "unknown authority") {
		t.Errorf("a server of another CA: %v, %s", err, &c.stderr)
	}

	server, err := url.Parse("rediss://localhost:" + r.portName() + "/0")
	must(t, err)
	_, err = OpenRedis(t.Context(), Redis{URL: server}, "test", Options{}) // with the CAs of the system alone
	state := wantErr[*StateError](t, err)
	if _, untrusted := errors.AsType[*tls.CertificateVerificationError](err); !untrusted || state.Op != "reach" {
		t.Errorf("a server of an unknown CA: %v", err)
	}
}
