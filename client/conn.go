package client

import (
	"context"
	"errors"
	"net/url"
)

// Conn is one connection to a target through the proxy. It is not for
// concurrent use; the caller closes it.
type Conn struct{}

// Dial connects for target: TCP, TLS to an https endpoint, and CONNECT and TLS
// for an https target. It sends no request to the target. A refused CONNECT is an
// *Error of the service's, anything else an *Error of class Network.
func (c *Client) Dial(ctx context.Context, target *url.URL) (*Conn, error) {
	return nil, errors.New("not there yet")
}

// Do sends exactly one request, never a second, and returns when the head of the
// answer is there. ctx covers the answer's body too. An answer of the service's
// own is returned as *Error, read and closed; so are broken exchanges, whose class
// is Network.
func (c *Conn) Do(ctx context.Context, req *Request) (*Response, error) {
	return nil, errors.New("not there yet")
}

// Serves says whether the connection is still open, idle, and leads to target.
// For http targets that is any host, since the proxy is told it by each request.
func (c *Conn) Serves(target *url.URL) bool { return false }

// Close closes the connection; an answer still being read breaks off.
func (c *Conn) Close() error { return nil }
