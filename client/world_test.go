package client

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const testKey = "0123456789abcdef0123456789abcdef"

// service plays the other side: every connection it gets runs the same script.
type service struct {
	addr string
	n    atomic.Int32 // connections so far
}

// serve listens until the test ends. What script leaves open is closed.
func serve(t testing.TB, script func(t testing.TB, conn net.Conn)) *service {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &service{addr: l.Addr().String()}
	var scripts sync.WaitGroup
	stop := make(chan struct{})
	scripts.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.n.Add(1)
			scripts.Go(func() {
				done := make(chan struct{})
				go func() {
					select {
					case <-stop:
					case <-done:
					}
					conn.Close()
				}()
				defer close(done)
				script(t, conn)
			})
		}
	})
	t.Cleanup(func() {
		close(stop)
		l.Close()
		scripts.Wait()
	})
	return s
}

// client is a Client of s; change may adjust its configuration.
func (s *service) client(t testing.TB, change ...func(*Config)) *Client {
	t.Helper()
	cfg := Config{Endpoint: &url.URL{Scheme: "http", Host: s.addr}, Key: testKey, CACert: trusted().pem}
	for _, f := range change {
		f(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// raw answers the first request of a connection with text, whatever it was, and
// hangs up.
func raw(text string) func(testing.TB, net.Conn) {
	return func(_ testing.TB, conn net.Conn) {
		readRequest(bufio.NewReader(conn))
		io.WriteString(conn, text)
		hangUp(conn)
	}
}

// hangUp closes conn so that the other side reads what was written even where it
// has not been read out itself.
func hangUp(conn net.Conn) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
		io.Copy(io.Discard, conn)
	}
	conn.Close()
}

func readRequest(r *bufio.Reader) (*http.Request, []byte) {
	req, err := http.ReadRequest(r)
	if err != nil {
		return nil, nil
	}
	b, _ := io.ReadAll(req.Body)
	return req, b
}

// tunnel accepts a CONNECT and does the TLS of its target.
func (a *authority) tunnel(t testing.TB, conn net.Conn, change ...func(*x509.Certificate)) *tls.Conn {
	req, _ := readRequest(bufio.NewReader(conn))
	if req == nil || req.Method != http.MethodConnect {
		return nil
	}
	io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
	return tls.Server(conn, a.config(t, req.URL.Hostname(), change...))
}

// authority is a CA that signs certificates for any host.
type authority struct {
	pem  []byte
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// trusted is the CA that the clients of these tests trust.
var trusted = sync.OnceValue(newAuthority)

func newAuthority() *authority {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return &authority{pem: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), cert: cert, key: key}
}

// config is a TLS server's for host; change may spoil the certificate.
func (a *authority) config(t testing.TB, host string, change ...func(*x509.Certificate)) *tls.Config {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	}
	for _, f := range change {
		if f != nil {
			f(template)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: a.key}}}
}

// get dials and sends one GET; the connection closes with the test.
func get(t testing.TB, c *Client, target string, change ...func(*Request)) (*Response, error) {
	t.Helper()
	req := &Request{URL: mustURL(target), Header: http.Header{}}
	for _, f := range change {
		f(req)
	}
	return do(t, c, req)
}

func do(t testing.TB, c *Client, req *Request) (*Response, error) {
	t.Helper()
	conn, err := c.Dial(t.Context(), req.URL)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { conn.Close() })
	return conn.Do(t.Context(), req)
}

func mustURL(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}

// text reads an answer's body to its end.
func text(t testing.TB, r *Response) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := io.Copy(&b, r.Body); err != nil {
		t.Fatalf("read the body: %v", err)
	}
	r.Body.Close()
	return b.String()
}

func bytesBody(b []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
}
