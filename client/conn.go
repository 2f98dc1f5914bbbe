package client

import (
	"errors"
	"net/http"
	"net/url"
)

// Conn is one connection to a target through the proxy. It is not for
// concurrent use; the caller closes it.
type Conn struct {
	client       *Client
	scheme, addr string // of the target it leads to
	cc           *http.ClientConn
	wire         *watchedConn // under cc
	kept         bool         // it has carried an answer
}

// Serves reports whether the connection is still open, idle, and leads to target.
// Plain http leads to any host: each request names its host to the proxy.
func (c *Conn) Serves(target *url.URL) bool { return c.Idle() && c.leadsTo(target) }

// Idle reports whether the connection is still open and carries no answer.
func (c *Conn) Idle() bool { return c.cc.Err() == nil && c.cc.Available() > 0 }

func (c *Conn) leadsTo(target *url.URL) bool {
	if target == nil || target.Scheme != c.scheme {
		return false
	}
	if c.scheme == "http" {
		_, err := hostOf(target)
		return err == nil
	}
	addr, err := address(target)
	return err == nil && addr == c.addr
}

// ready returns why a request for target must not be written. net/http would wait
// for the connection, or send the request to whatever host the tunnel leads to.
func (c *Conn) ready(target *url.URL) error {
	switch {
	case c.cc.Err() != nil:
		return errConnClosed
	case c.cc.Available() == 0:
		return errors.New("the connection still carries an earlier answer")
	case !c.leadsTo(target):
		return errors.New("the connection leads to " + c.scheme + "://" + c.addr)
	}
	return nil
}

// Close closes the connection. A body that is still being read ends with an error.
func (c *Conn) Close() error { return c.cc.Close() }
