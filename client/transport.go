package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/go-resty/resty/v2"
)

const (
	defaultReadBuffer = 128 << 10 // measured: a large body takes 1.06 of the time with 256 KiB, and up to 1.4 of it with 4 KiB
	writeBuffer       = 4 << 10
	headLimit         = 300 << 10 // of an answer, informational answers included; curl's too, and more than Chromium's
	fieldLimit        = 5000      // of an answer's head: curl's too
	continueWait      = time.Second
	apiConns          = 64 // kept open to the sessions API between calls
)

// trust holds the TLS settings of both sides. The service's own CA signs the targets'
// certificates; the endpoint's may be signed by a public one.
type trust struct {
	targets  *tls.Config
	endpoint *tls.Config // nil for an http endpoint
}

// newTrust loads the system's roots only where they are needed besides CACert. Loading
// them costs some 24 ms a process.
func newTrust(cfg Config) (trust, error) {
	t := trust{targets: &tls.Config{InsecureSkipVerify: cfg.Insecure}}
	if cfg.CACert != nil {
		t.targets.RootCAs = x509.NewCertPool()
		if !t.targets.RootCAs.AppendCertsFromPEM(cfg.CACert) {
			return trust{}, ErrNoCertificate
		}
	}
	if cfg.Endpoint.Scheme != "https" {
		return t, nil
	}
	t.endpoint = &tls.Config{
		ServerName:         cfg.Endpoint.Hostname(),
		NextProtos:         []string{"http/1.1"},
		InsecureSkipVerify: cfg.EndpointInsecure,
	}
	if cfg.CACert == nil || cfg.EndpointInsecure {
		return t, nil
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	roots.AppendCertsFromPEM(cfg.CACert)
	t.endpoint.RootCAs = roots
	return t, nil
}

// newProxied makes the transport whose every connection leads through the proxy. The
// credentials are in the proxy's URL: as a header they would travel into the tunnel.
func (c *Client) newProxied(t trust) *http.Transport {
	proxy := *c.cfg.Endpoint
	if c.cfg.Key != "" {
		proxy.User = url.UserPassword(c.cfg.Key, "")
	}
	transport := c.newTransport(t)
	transport.Proxy = http.ProxyURL(&proxy)
	transport.GetProxyConnectHeader = c.connectHeader
	transport.OnProxyConnectResponse = c.connectAnswered
	return transport
}

// newAPI makes the client of the sessions API. Its connections are pooled: nothing
// there is paced, and there may be five thousand deletions.
func (c *Client) newAPI(t trust) *resty.Client {
	transport := c.newTransport(t)
	transport.MaxIdleConnsPerHost = apiConns
	transport.IdleConnTimeout = 30 * time.Second
	transport.ReadBufferSize = 0
	return newResty(transport).
		SetHeader("User-Agent", c.cfg.UserAgent).
		SetPreRequestHook(withoutBody)
}

// withoutBody keeps resty from sending an empty POST in chunks.
func withoutBody(_ *resty.Client, r *http.Request) error {
	r.Body, r.ContentLength = nil, 0
	return nil
}

// newTransport makes a transport without proxy. HTTP/2 stays off: it doubles the
// time of large bodies, and the service speaks HTTP/1.1.
func (c *Client) newTransport(t trust) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	size := c.cfg.ReadBuffer
	if size == 0 {
		size = defaultReadBuffer
	}
	return &http.Transport{
		Protocols:              protocols,
		DialContext:            c.dialTCP,
		DialTLSContext:         c.dialTLS(t.endpoint),
		TLSClientConfig:        t.targets,
		DisableCompression:     true,
		ExpectContinueTimeout:  continueWait,
		MaxResponseHeaderBytes: headLimit,
		ReadBufferSize:         size,
		WriteBufferSize:        writeBuffer,
	}
}

// dialTCP connects to the endpoint. No transport of this package dials anything else.
func (c *Client) dialTCP(ctx context.Context, network, addr string) (net.Conn, error) {
	ctx, cancel := c.connecting(ctx)
	defer cancel()
	conn, err := c.cfg.DialContext(ctx, network, addr)
	if err != nil {
		return nil, connectTimeout(ctx, err)
	}
	c.trace("* connected to " + addr)
	w := &watchedConn{Conn: conn}
	dialingOf(ctx).connected(w)
	return w, nil
}

// dialTLS connects to an https endpoint, whose trust differs from the targets'.
func (c *Client) dialTLS(cfg *tls.Config) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		ctx, cancel := c.connecting(ctx)
		defer cancel()
		raw, err := c.dialTCP(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		conn := tls.Client(raw, cfg)
		if err := conn.HandshakeContext(ctx); err != nil {
			raw.Close()
			return nil, connectTimeout(ctx, err)
		}
		dialingOf(ctx).reached(secured)
		return conn, nil
	}
}

// connecting bounds ctx by ConnectTimeout.
func (c *Client) connecting(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.cfg.ConnectTimeout <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, c.cfg.ConnectTimeout, errNotConnected)
}

// connectTimeout returns errNotConnected where ConnectTimeout ran out, which net/http
// reports like the end of the caller's own time.
func connectTimeout(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errNotConnected) {
		return errNotConnected
	}
	return err
}
