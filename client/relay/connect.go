package relay

import (
	"bufio"
	"crypto/subtle"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// serve tells apart what comes in.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if !s.begin() {
		panic(http.ErrAbortHandler)
	}
	defer s.working.Done()
	inside := connOf(r.Context()).tunnel != ""
	switch {
	case !inside && r.Method != http.MethodConnect && r.URL.Host == "":
		s.serveControl(w, r)
	case !inside && !s.admits(r.Header):
		s.challenge(w, r)
	case r.Method == http.MethodConnect:
		s.serveConnect(w, r)
	default:
		s.serveTarget(w, r)
	}
}

// admits reports whether a request may use the relay. Inside a tunnel the CONNECT has
// been asked.
func (s *Server) admits(h http.Header) bool {
	if s.cfg.Token == "" {
		return true
	}
	_, password := credentials(h)
	return subtle.ConstantTimeCompare([]byte(password), []byte(s.cfg.Token)) == 1
}

func (s *Server) challenge(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Proxy-Authenticate", `Basic realm="smp relay"`)
	s.refuse(w, r, refuse(http.StatusProxyAuthRequired, "http_request_denied", "token",
		"the relay wants the token of its --token-file as the password of the proxy"))
}

// serveConnect opens a tunnel to anywhere: what is wrong is told inside of it, where
// clients show it.
func (s *Server) serveConnect(w http.ResponseWriter, r *http.Request) {
	outer := connOf(r.Context())
	target := r.RequestURI[strings.LastIndexByte(r.RequestURI, '@')+1:]
	if outer.tunnel != "" || !isHostPort(target) {
		s.refuse(w, r, refuse(http.StatusBadRequest, "http_request_error", "invalid", "CONNECT wants HOST:PORT, once"))
		return
	}
	var inner conn
	inner.defaults.ref, inner.defaults.err = outer.defaults.named(r.Header)
	inner.tunnel = target
	c, rest, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	inner.Conn, inner.unread = c, readAhead(rest.Reader)
	if _, err := c.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		_ = c.Close()
		return
	}
	s.start(func() { s.conns.enqueueTunnel(&inner, s.tls) })
}

func isHostPort(s string) bool {
	host, port, err := net.SplitHostPort(s)
	n, numeric := strconv.ParseUint(port, 10, 16)
	return err == nil && host != "" && numeric == nil && n > 0
}

// readAhead is what a client sent without waiting for the answer to its CONNECT.
func readAhead(r *bufio.Reader) []byte {
	early, _ := r.Peek(r.Buffered())
	return append([]byte(nil), early...)
}
