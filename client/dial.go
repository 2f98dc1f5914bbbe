package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// step is how far a dial has come. A failure names the next step, since net/http's
// errors do not distinguish a refused connection from a broken tunnel.
type step int

const (
	starting  step = iota
	connected      // TCP to the endpoint
	secured        // TLS to an https endpoint
	tunnelled      // CONNECT was accepted
)

type stepKey struct{}

// stepOf finds the step in a dial's context; nil outside of Dial.
func stepOf(ctx context.Context) *step {
	s, _ := ctx.Value(stepKey{}).(*step)
	return s
}

func (s *step) reached(now step) {
	if s != nil {
		*s = now
	}
}

// Dial connects for target: TCP, TLS to an https endpoint, and CONNECT and TLS
// for an https target. It sends no request to the target. Every error is an *Error:
// the service's answer where it refused the CONNECT, else of class Network.
func (c *Client) Dial(ctx context.Context, target *url.URL) (*Conn, error) {
	addr, err := address(target)
	if err != nil {
		return nil, &Error{Op: "connect", Class: Hopeless, Err: err, unsent: true}
	}
	dialing, cancel := c.connecting(ctx)
	defer cancel()
	var at step
	dialing = context.WithValue(dialing, stepKey{}, &at)
	cc, err := c.proxied.NewClientConn(dialing, target.Scheme, addr)
	if err != nil {
		failed := c.exchangeError(dialing, c.dialOp(at, target.Scheme, addr), err)
		failed.unsent = true
		failed.tls = at == connected && c.cfg.Endpoint.Scheme == "https"
		return nil, failed
	}
	return newConn(c, cc, target.Scheme, addr), nil
}

// dialOp names what was being tried after step at.
func (c *Client) dialOp(at step, scheme, addr string) string {
	endpoint := c.cfg.Endpoint.Host
	switch {
	case at == starting:
		return "connect to " + endpoint
	case at == connected && c.cfg.Endpoint.Scheme == "https":
		return "TLS handshake with " + endpoint
	case at == tunnelled:
		return "TLS handshake with " + addr
	case scheme == "https":
		return "CONNECT " + addr
	}
	return "connect to " + endpoint
}

// address is target's host and port, the host in ASCII.
func address(target *url.URL) (string, error) {
	if target == nil || (target.Scheme != "http" && target.Scheme != "https") {
		return "", fmt.Errorf("the target is not an http or https URL")
	}
	if target.Hostname() == "" {
		return "", fmt.Errorf("the target URL has no host")
	}
	host, err := ASCIIHost(target.Hostname())
	if err != nil {
		return "", err
	}
	port := target.Port()
	switch {
	case port != "":
	case target.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(host, port), nil
}

// ASCIIURL is u with its host as [ASCIIHost] has it; u itself where that is ASCII
// already. A URL with another host cannot be shown: net/url would escape its bytes.
func ASCIIURL(u *url.URL) (*url.URL, error) {
	if !foreign(u.Host) {
		return u, nil
	}
	host, err := ASCIIHost(u.Hostname())
	if err != nil {
		return nil, err
	}
	ascii := *u
	ascii.Host = host
	if port := u.Port(); port != "" {
		ascii.Host += ":" + port
	}
	return &ascii, nil
}

func foreign(host string) bool {
	return strings.IndexFunc(host, func(r rune) bool { return r > 0x7f }) >= 0
}

// ASCIIHost is a host name in lower case, an international one in its ASCII form,
// which CONNECT and TLS need. net/http has the tables for it, but shows the result
// only in what it writes; a second copy of them would be larger than this detour.
func ASCIIHost(host string) (string, error) {
	host = strings.ToLower(host)
	if !foreign(host) {
		return host, nil
	}
	var head bytes.Buffer
	r := http.Request{Method: "GET", URL: &url.URL{Scheme: "http", Host: host, Path: "/"}}
	if err := r.Write(&head); err != nil {
		return "", fmt.Errorf("the host name %q cannot be written in ASCII", host)
	}
	_, rest, _ := strings.Cut(head.String(), "\r\nHost: ")
	ascii, _, _ := strings.Cut(rest, "\r\n")
	return ascii, nil
}

// connectHeader is the header of a CONNECT, to which net/http adds the credentials.
// Nothing of the request is in it: its headers go into the tunnel.
func (c *Client) connectHeader(_ context.Context, _ *url.URL, addr string) (http.Header, error) {
	header := http.Header{"User-Agent": {c.cfg.UserAgent}}
	if c.cfg.Trace != nil {
		c.traceConnect(addr, header)
	}
	return header, nil
}

// errInformational refuses a 1xx answer to a CONNECT: net/http does not wait for the
// final answer behind it.
var errInformational = errors.New("an informational answer in the place of the final one")

// connectAnswered reads a refusal in full. net/http would show its status text alone.
func (c *Client) connectAnswered(ctx context.Context, _ *url.URL, req *http.Request, resp *http.Response) error {
	c.traceAnswer(resp)
	op := "CONNECT " + req.Host
	switch {
	case resp.StatusCode < 200:
		return &Error{Op: op, Class: Network, Err: errInformational}
	case resp.StatusCode == http.StatusOK && !fromService(resp.StatusCode, resp.Header):
		stepOf(ctx).reached(tunnelled)
		return nil
	}
	return c.refused(ctx, op, resp, classOfProxy)
}
