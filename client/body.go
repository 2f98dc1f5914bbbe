package client

import (
	"context"
	"io"
	"net/http"
)

// body turns errors of an answer's body into *Error, and ends with its context.
type body struct {
	io.ReadCloser
	ctx    context.Context
	op     func() string // names the request in errors
	client *Client
	unbind func() bool // of the context; nil = not bound
}

// watch binds an answer's body to ctx. net/http does so too, but not where it hands
// the connection over, as with a 101.
func (c *Conn) watch(ctx context.Context, op func() string, content io.ReadCloser, resp *http.Response) *body {
	b := &body{ReadCloser: content, ctx: ctx, op: op, client: c.client}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		b.unbind = context.AfterFunc(ctx, func() { resp.Body.Close() })
	}
	return b
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = b.client.exchangeError(b.ctx, b.op(), err)
	}
	return n, err
}

func (b *body) Close() error {
	if b.unbind != nil {
		b.unbind()
	}
	return b.ReadCloser.Close()
}
