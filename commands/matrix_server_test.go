package commands

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// hostile is an endpoint that answers well, but for one place, where it does what
// a fault says. It counts what it is asked there.
type hostile struct {
	ln    net.Listener
	site  site
	fault *fault
	taken atomic.Int64 // bytes of a flood that were taken from it

	mu    sync.Mutex
	asked []string          // requests at the site, "GET http://shop.test/"
	alive map[string]bool   // sessions that were given out and not deleted
	conns map[net.Conn]bool // open ones
}

// site is where the fault strikes.
type site int

const (
	atAPI     site = iota // the answer of the sessions API
	atTarget              // the answer to a request in the clear
	atConnect             // the answer to a CONNECT
	inTunnel              // the answer inside a tunnel
)

// peer is the connection a fault plays on.
type peer struct {
	net.Conn
	request *http.Request
	server  *hostile
}

// say writes text; that the client has left already is its own affair.
func (p *peer) say(text string) bool {
	_, err := io.WriteString(p, text)
	return err == nil
}

// answer writes a whole head, and what there is of a body. A request that asks for a
// session is given one.
func (p *peer) answer(status string, headers []string, body string) bool {
	head := "HTTP/1.1 " + status + "\r\n"
	for _, line := range headers {
		head += line + "\r\n"
	}
	if p.request.Header.Get("X-Crawlera-Session") == "create" {
		head += "X-Crawlera-Session: 7001\r\n"
		p.server.gave("7001")
	}
	return p.say(head + "\r\n" + body)
}

// piece is the beginning of a good body.
func (p *peer) piece() string {
	if p.request.Method == http.MethodGet && p.server.site == atAPI {
		return `{"1873787": "198.51.100.7:3128", `
	}
	return "1873787"
}

func (p *peer) chunk() string { return fmt.Sprintf("%x\r\n%s\r\n", len(p.piece()), p.piece()) }

// wait holds the connection until the client leaves or the test ends.
func (p *peer) wait() { _, _ = io.Copy(io.Discard, p.Conn) }

// reset ends the connection the hard way.
func (p *peer) reset() {
	conn := p.Conn
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

func startHostile(t *testing.T, at site, f *fault) *hostile {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &hostile{ln: ln, site: at, fault: f, alive: map[string]bool{}, conns: map[net.Conn]bool{}}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			s.keep(conn, true)
			running.Go(func() {
				defer s.keep(conn, false)
				s.greet(conn)
			})
		}
	})
	t.Cleanup(func() {
		ln.Close()
		s.closeAll()
		running.Wait()
	})
	return s
}

// keep notes an open connection; one that is not is closed.
func (s *hostile) keep(conn net.Conn, open bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if open {
		s.conns[conn] = true
		return
	}
	delete(s.conns, conn)
	conn.Close()
}

func (s *hostile) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.conns {
		conn.Close()
	}
}

// greet begins a connection at the endpoint.
func (s *hostile) greet(conn net.Conn) {
	if s.fault.endpointTLS == nil {
		s.serve(conn, false)
		return
	}
	secure := tls.Server(conn, s.fault.endpointTLS(certificates()))
	if secure.Handshake() == nil {
		s.serve(secure, false)
	}
}

func (s *hostile) serve(conn net.Conn, tunnel bool) {
	r := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		if s.here(req, tunnel) {
			s.note(req)
			s.fault.play(&peer{conn, req, s})
			return
		}
		if req.Method == http.MethodConnect {
			s.open(conn)
			return
		}
		if _, err := io.WriteString(conn, s.answer(req)); err != nil {
			return
		}
	}
}

// here reports whether a request came to where the fault strikes.
func (s *hostile) here(req *http.Request, tunnel bool) bool {
	switch s.site {
	case atAPI:
		return !tunnel && strings.HasPrefix(req.RequestURI, "/")
	case atTarget:
		return req.URL.IsAbs()
	case atConnect:
		return req.Method == http.MethodConnect
	}
	return tunnel
}

func (s *hostile) gave(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alive[id] = true
}

func (s *hostile) note(req *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, req.Method+" "+req.RequestURI)
}

// requests is what came to where the fault strikes.
func (s *hostile) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// open answers a CONNECT well and goes on in the tunnel.
func (s *hostile) open(conn net.Conn) {
	if _, err := io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	if s.fault.inPlaceOfTLS != nil {
		s.note(&http.Request{Method: "TLS"})
		s.fault.inPlaceOfTLS(&peer{conn, nil, s})
		return
	}
	config := goodTLS
	if s.fault.targetTLS != nil {
		config = s.fault.targetTLS
	}
	secure := tls.Server(conn, config(certificates()))
	if secure.Handshake() == nil {
		s.serve(secure, true)
	}
}

// answer is a good one.
func (s *hostile) answer(req *http.Request) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	body := "fine"
	switch {
	case req.RequestURI == "/sessions" && req.Method == http.MethodPost:
		body = fmt.Sprint(9001 + len(s.alive))
		s.alive[body] = true
	case req.RequestURI == "/sessions":
		body = "{}"
	case req.Method == http.MethodDelete:
		delete(s.alive, strings.TrimPrefix(req.RequestURI, "/sessions/"))
		body = ""
	}
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nX-Crawlera-Version: 1\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// testAuthority is a CA of this test's, and the certificates that faults show.
type testAuthority struct {
	pem                           []byte
	good, elsewhere, expired, own tls.Certificate
}

// certificates are made once: a key takes longer than a case.
var certificates = sync.OnceValue(func() *testAuthority {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := func(names ...string) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "matrix"}, DNSNames: names, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true,
		}
	}
	sign := func(leaf, parent *x509.Certificate) tls.Certificate {
		der, err := x509.CreateCertificate(rand.Reader, leaf, parent, key.Public(), key)
		if err != nil {
			panic(err)
		}
		return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	}
	ca := template()
	ca.IsCA, ca.KeyUsage = true, x509.KeyUsageCertSign
	root := sign(ca, ca)
	a := &testAuthority{pem: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate[0]})}
	a.good = sign(template("shop.test"), ca)
	elsewhere := template("other.test")
	elsewhere.IPAddresses = nil
	a.elsewhere = sign(elsewhere, ca)
	old := template("shop.test")
	old.NotBefore, old.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
	a.expired = sign(old, ca)
	alone := template("shop.test")
	alone.Subject.CommonName = "nobody's"
	a.own = sign(alone, alone)
	return a
})

func showing(pick func(*testAuthority) tls.Certificate) func(*testAuthority) *tls.Config {
	return func(a *testAuthority) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{pick(a)}, NextProtos: []string{"http/1.1"}}
	}
}

func goodTLS(a *testAuthority) *tls.Config {
	return showing(func(a *testAuthority) tls.Certificate { return a.good })(a)
}
