package mock

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"smp/client/authority"
)

// serveConnect opens a tunnel. It refuses bad credentials and malformed targets
// only; every other error is the answer to a request inside the tunnel.
func (s *Server) serveConnect(x *exchange) {
	x.entry.Target = s.redact(x.r.RequestURI[strings.LastIndexByte(x.r.RequestURI, '@')+1:])
	tunnel := s.openTunnel(x)
	x.done()
	if tunnel != nil {
		s.connQueue.enqueue(tunnel, s.tls)
	}
}

func (s *Server) openTunnel(x *exchange) *conn {
	if oversized(x.r) {
		x.refuse(&tooLarge)
		return nil
	}
	if !s.authorized(x.r.Header.Get("Proxy-Authorization")) {
		x.refuse(failed("bad_proxy_auth"))
		return nil
	}
	if f := s.faults.draw(onConnect); f != nil {
		x.inject(f)
		return nil
	}
	to, err := parseAddress(x.r.RequestURI)
	if err != nil {
		x.refuse(failed("bad_uri"))
		return nil
	}
	return x.tunnel(to)
}

// tunnel answers 200 and takes the connection from net/http.
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
	tunnel := x.s.wrap(c, to, readAhead(rest))
	tunnel.opened = x.conn.lastArrival()
	return tunnel
}

// readAhead returns what the client sent before it had the answer to CONNECT.
func readAhead(r io.Reader) []byte {
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

// address is the host and port of a target. The host is a name or an IP
// without brackets.
type address struct{ host, port string }

var errAddress = errors.New("not HOST:PORT")

// parseAddress reads the target of a CONNECT.
func parseAddress(s string) (*address, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return nil, errAddress
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return nil, errAddress
	}
	name, err := authority.CanonicalHost(host)
	if err != nil {
		return nil, err
	}
	return &address{host: name, port: port}, nil
}

func (a *address) String() string { return net.JoinHostPort(a.host, a.port) }

// under formats the address for a URL of that scheme, without its default port.
func (a *address) under(scheme string) string {
	if scheme == "https" && a.port == "443" || scheme == "http" && a.port == "80" {
		if ip := net.ParseIP(a.host); ip != nil && ip.To4() == nil {
			return "[" + a.host + "]"
		}
		return a.host
	}
	return a.String()
}
