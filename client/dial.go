package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// dialing is a dial under way.
type dialing struct {
	step step
	wire *watchedConn // nil until it is connected
}

// step is how far a dial has come. A failure names the next step, since net/http's
// errors do not distinguish a refused connection from a broken tunnel.
type step int

const (
	starting  step = iota
	connected      // TCP to the endpoint
	secured        // TLS to an https endpoint
	tunnelled      // CONNECT was accepted
)

type dialingKey struct{}

// dialingOf finds the dial in its context; nil outside of Dial.
func dialingOf(ctx context.Context) *dialing {
	d, _ := ctx.Value(dialingKey{}).(*dialing)
	return d
}

func (d *dialing) connected(w *watchedConn) {
	if d != nil {
		d.step, d.wire = connected, w
	}
}

func (d *dialing) reached(now step) {
	if d != nil {
		d.step = now
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
	ctx, cancel := c.connecting(ctx)
	defer cancel()
	d := &dialing{}
	ctx = context.WithValue(ctx, dialingKey{}, d)
	cc, err := c.proxied.NewClientConn(ctx, target.Scheme, addr)
	if err != nil {
		failed := c.exchangeError(ctx, c.dialOp(d.step, target.Scheme, addr), err)
		failed.unsent = true
		failed.tls = d.step == connected && c.cfg.Endpoint.Scheme == "https"
		return nil, failed
	}
	return &Conn{client: c, scheme: target.Scheme, addr: addr, cc: cc, wire: d.wire}, nil
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
	case resp.StatusCode/100 == 2 && !c.cfg.Service.answered(resp.StatusCode, resp.Header):
		resp.StatusCode = http.StatusOK // any 2xx is a tunnel (RFC 9110, section 9.3.6); net/http takes this one
		dialingOf(ctx).reached(tunnelled)
		return nil
	}
	return c.refused(ctx, op, resp, classOfProxy)
}
