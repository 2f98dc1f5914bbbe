package client

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
)

func (c *Client) trace(line string) {
	if c.cfg.Trace != nil {
		c.cfg.Trace(c.redact(line))
	}
}

func (c *Client) traceField(mark, name, value string) {
	if c.secrets.leaksInName(name) {
		name = redacted
	}
	c.trace(mark + " " + name + ": " + redactField(name, value))
}

// traceRequest traces a request's line, and its header as net/http writes it.
func (c *Client) traceRequest(r *http.Request, scheme string) *http.Request {
	if c.cfg.Trace == nil {
		return r
	}
	target := r.URL.RequestURI()
	if scheme == "http" {
		target = displayURL(r.URL)
	}
	c.trace("> " + r.Method + " " + target + " HTTP/1.1")
	return r.WithContext(c.traceFields(r.Context()))
}

func (c *Client) traceFields(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaderField: func(name string, values []string) {
			for _, value := range values {
				c.traceField(">", name, value)
			}
		},
	})
}

// traceConnected sets connected once there is a connection to write the request to.
func traceConnected(ctx context.Context, connected *bool) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { *connected = true },
	})
}

// traceConnect traces a CONNECT, for which net/http calls no hook.
func (c *Client) traceConnect(addr string, header http.Header) {
	c.trace("> CONNECT " + addr + " HTTP/1.1")
	c.traceField(">", "Host", addr)
	if c.credentials != "" {
		c.traceField(">", headerProxyAuth, c.credentials)
	}
	c.traceHeader(">", header)
}

func (c *Client) traceAnswer(resp *http.Response) {
	if c.cfg.Trace == nil {
		return
	}
	c.trace("< " + resp.Proto + " " + strings.TrimSpace(resp.Status))
	c.traceHeader("<", resp.Header)
}

func (c *Client) traceHeader(mark string, header http.Header) {
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			c.traceField(mark, name, value)
		}
	}
}
