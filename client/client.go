// Package client speaks the wire protocol of Zyte Smart Proxy Manager and of Zyte
// API's proxy mode. It knows the sessions API, and requests to targets through the
// proxy, one connection and one request at a time.
//
// [SPM] and [ZyteAPI] are the two; a [Service] says how they differ. An answer's
// [Dialect] is whose headers it carries: a host of the one may answer as the other.
//
// [New] makes a [Client]. [Client.CreateSession], ListSessions and DeleteSession are
// the sessions API. [Client.Dial] gives a [Conn] to a target, and [Conn.Do] sends
// one [Request] on it. Failures are an [Error], whose [Class] says what can be done.
//
// The package keeps no state between calls, never waits for a slot, never repeats a
// request and never goes around the proxy. Pacing and retries belong to its callers.
// It prints nothing and does not read the environment. net/http logs what a server
// sends out of turn to the standard logger; a program that must be silent discards
// that logger's output.
package client

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-resty/resty/v2"
)

// Config says how to reach Smart Proxy Manager or Zyte API's proxy mode. It is read once, by New.
type Config struct {
	Service          *Service      // what is at the endpoint; nil = SPM
	Endpoint         *url.URL      // http or https, host:port, no userinfo, no path (see ParseEndpoint)
	Key              string        // API key: user name of the Basic credentials, whose password is empty; "" sends none
	CACert           []byte        // PEM bundle that alone is trusted for targets, and besides the system roots for an https endpoint; nil = system roots
	Insecure         bool          // do not verify the certificates of targets
	EndpointInsecure bool          // do not verify the certificate of an https endpoint
	ConnectTimeout   time.Duration // for name lookup, TCP, TLS and CONNECT together; 0 = none
	UserAgent        string        // sent where a request's header names none; "" = "smp"
	ReadBuffer       int           // bytes buffered per connection; 0 = 128 KiB, right for one large body, too much for hundreds of connections

	// Trace is told what happens on the wire, a line a call, as curl -v does.
	// Such lines are "> GET http://…", "< HTTP/1.1 200 OK", and "* connected
	// to …". Secrets are redacted. It may be called from several goroutines;
	// nil = off.
	Trace func(line string)

	// DialContext makes the TCP connection to the endpoint; nil = a net.Dialer.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Client reaches one endpoint of Smart Proxy Manager or Zyte API's proxy mode with one
// API key. It is safe for concurrent use and needs no closing.
type Client struct {
	cfg         Config
	credentials string // value of Authorization and Proxy-Authorization; "" = none
	secrets     *secrets
	proxied     *http.Transport      // connections to targets
	api         func() *resty.Client // of the sessions API, which most fetches never call
}

// ErrNoCertificate says that Config.CACert holds nothing to trust.
var ErrNoCertificate = errors.New("no PEM certificate among the CA certificates")

// New checks cfg and prepares a Client. It connects to nothing.
func New(cfg Config) (*Client, error) {
	if err := checkEndpoint(cfg.Endpoint); err != nil {
		return nil, err
	}
	if strings.Contains(cfg.Key, ":") {
		return nil, errors.New("the API key holds a colon, which Basic credentials cannot carry")
	}
	if cfg.Service == nil {
		cfg.Service = SPM
	}
	if cfg.UserAgent == "" {
		cfg.UserAgent = "smp"
	}
	if cfg.DialContext == nil {
		cfg.DialContext = (&net.Dialer{}).DialContext
	}
	c := &Client{cfg: cfg, secrets: newSecrets(cfg.Key)}
	if cfg.Key != "" {
		c.credentials = "Basic " + basic(cfg.Key, "")
	}
	trust, err := newTrust(cfg)
	if err != nil {
		return nil, err
	}
	c.proxied = c.newProxied(trust)
	c.api = sync.OnceValue(func() *resty.Client { return c.newAPI(trust) })
	return c, nil
}

// Service is what the client takes the endpoint for.
func (c *Client) Service() *Service { return c.cfg.Service }

// Endpoint is the host:port that the client sends to.
func (c *Client) Endpoint() string { return c.cfg.Endpoint.Host }

// basic encodes Basic credentials. The service's user name is the key, without a
// password.
func basic(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}
