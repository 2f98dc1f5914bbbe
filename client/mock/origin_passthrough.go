package mock

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"time"
)

// Passthrough returns a target that really forwards each request, to loopback
// addresses only, so that a mock is no way to other machines. A name is
// resolved once for each request, and what is dialled is the address that was
// checked. Redirects are not followed, bodies are streamed both ways, nothing
// is repeated and connections are not kept.
//
// The target serves clients of this machine alone, and never leads back to the
// mock. A mock that listens for other machines must not lead them to what
// listens here for nobody else, its own control included. Outside of a mock the
// client is the request's RemoteAddr.
//
// Certificates of https targets are not verified: on loopback they are mostly
// self-signed, and nobody is in between.
//
// A failure is answered as the service would answer it, see failTarget.
func Passthrough() http.Handler {
	forward := &httputil.ReverseProxy{
		Rewrite:       toTarget,
		Transport:     loopbackTransport(net.DefaultResolver),
		FlushInterval: -1,
		ErrorHandler:  func(w http.ResponseWriter, _ *http.Request, err error) { failTarget(w, forwardCode(err), err) },
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := mayForward(r); err != nil {
			failTarget(w, forwardCode(err), err)
			return
		}
		forward.ServeHTTP(w, r)
	})
}

// mayForward looks at the client's connection: in a mock the request's RemoteAddr
// is the outgoing IP, and headers say what their sender likes.
func mayForward(r *http.Request) error {
	c, inMock := r.Context().Value(connKey{}).(*servedConn)
	peer := r.RemoteAddr
	if inMock {
		peer = c.RemoteAddr().String()
	}
	switch {
	case !isLocal(peer):
		return fmt.Errorf("%s: %w", peer, errNotLocal)
	case inMock && c.conn.server.listensAt(targetPort(r.URL)):
		return errItself
	}
	return nil
}

// targetPort is the port that is dialled, 0 where none can be.
func targetPort(u *url.URL) uint16 {
	switch port, err := strconv.ParseUint(u.Port(), 10, 16); {
	case err == nil:
		return uint16(port)
	case u.Port() == "" && u.Scheme == "https":
		return 443
	case u.Port() == "":
		return 80
	}
	return 0
}

// toTarget leaves the request as the client wrote it. A ReverseProxy drops
// Forwarded headers and the parts of a query that it cannot parse.
func toTarget(r *httputil.ProxyRequest) {
	r.Out.Host = r.In.Host
	r.Out.URL.RawQuery = r.In.URL.RawQuery
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if v, ok := r.In.Header[name]; ok {
			r.Out.Header[name] = v
		}
	}
}

// resolver is the part of *net.Resolver that is needed here.
type resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

func loopbackTransport(names resolver) *http.Transport {
	dialer := &loopbackDialer{names: names}
	return &http.Transport{
		DialContext:           dialer.dial,
		TLSClientConfig:       &tls.Config{InsecureSkipVerify: true},
		TLSHandshakeTimeout:   30 * time.Second,
		ExpectContinueTimeout: time.Second,
		DisableCompression:    true, // the client decides on its encoding
		DisableKeepAlives:     true, // a transport repeats a GET when a kept connection dies
	}
}

var (
	errNotLoopback = errors.New("not a loopback address, and only those are forwarded to")
	errNotLocal    = errors.New("another machine, and nothing is forwarded for those")
	errItself      = errors.New("the port of the mock itself, to which nothing is forwarded")
)

type loopbackDialer struct {
	names  resolver
	dialer net.Dialer
}

func (d *loopbackDialer) dial(ctx context.Context, network, hostport string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		return nil, err
	}
	addrs, err := d.loopback(ctx, host)
	if err != nil {
		return nil, err
	}
	var failed error
	for _, addr := range addrs {
		conn, err := d.dialer.DialContext(ctx, network, net.JoinHostPort(addr.String(), port))
		if err == nil {
			return conn, nil
		}
		failed = errors.Join(failed, err)
	}
	return nil, failed
}

// loopback returns the addresses of host. A single one that is elsewhere
// condemns the name: no honest name is on both sides.
func (d *loopbackDialer) loopback(ctx context.Context, host string) ([]netip.Addr, error) {
	addrs, err := d.names.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	for i, addr := range addrs {
		addrs[i] = addr.Unmap()
		if !addrs[i].IsLoopback() {
			return nil, fmt.Errorf("%s is %s: %w", host, addr, errNotLoopback)
		}
	}
	return addrs, nil
}

// forwardCode names an error of forwarding as X-Crawlera-Error does.
func forwardCode(err error) string {
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.Is(err, errNotLoopback), errors.Is(err, errNotLocal), errors.Is(err, errItself):
		return "domain_forbidden"
	case errors.As(err, &dns):
		return "nxdomain"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "econnrefused"
	case errors.Is(err, syscall.ECONNRESET):
		return "econnreset"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "ehostunreach"
	}
	return "socket_closed_remotely"
}

// targetFailure is what a ResponseWriter offers that can answer as the service
// does when a target cannot be fetched. The code is one of X-Crawlera-Error.
type targetFailure interface{ failTarget(code string) }

// failTarget answers for a target that failed before its answer began.
func failTarget(w http.ResponseWriter, code string, err error) {
	if service, ok := w.(targetFailure); ok {
		service.failTarget(code)
		return
	}
	http.Error(w, fmt.Sprintf("%s: %v", code, err), http.StatusBadGateway)
}
