package mock

import (
	"io"
	"net/http"
	"strings"
)

// serveConnect opens a tunnel. Only credentials and a malformed target are
// refused here; everything else is told inside.
func (s *Server) serveConnect(x *exchange) {
	x.entry.Target = s.redact(x.r.RequestURI[strings.LastIndexByte(x.r.RequestURI, '@')+1:])
	tunnel := s.openTunnel(x)
	x.done()
	if tunnel != nil {
		s.intake.deliver(tunnel, s.tls)
	}
}

func (s *Server) openTunnel(x *exchange) *conn {
	if oversized(x.r) {
		x.refuse(&tooLarge)
		return nil
	}
	if !s.admits(x.r.Header.Get("Proxy-Authorization")) {
		x.refuse(failed("bad_proxy_auth"))
		return nil
	}
	if f := s.faults.draw(onConnect); f != nil {
		x.spoil(f)
		return nil
	}
	to, err := parseAddress(x.r.RequestURI)
	if err != nil {
		x.refuse(&refusal{status: http.StatusBadRequest, code: "bad_uri", body: err.Error()})
		return nil
	}
	return x.tunnel(to)
}

// tunnel says yes and takes the connection over.
func (x *exchange) tunnel(to *address) *conn {
	c, rest, err := x.hijack()
	if err != nil {
		return nil
	}
	header := http.Header{"Date": {x.s.date()}}
	if x.s.cfg.isZyte() {
		x.identify(header)
	} else {
		header["X-Crawlera-Version"] = []string{version}
	}
	x.answered(http.StatusOK, header)
	if _, err := c.Write(head(http.StatusOK, "Connection established", header, "")); err != nil {
		_ = c.Close()
		return nil
	}
	return x.s.wrap(c, to, ahead(rest))
}

// ahead is what a client sent without waiting for the answer.
func ahead(r io.Reader) []byte {
	buffered, ok := r.(interface {
		Buffered() int
		Peek(int) ([]byte, error)
	})
	if !ok || buffered.Buffered() == 0 {
		return nil
	}
	early, _ := buffered.Peek(buffered.Buffered())
	return []byte(strings.Clone(string(early)))
}
