package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/net/http/httpguts"
)

// Do sends exactly one request, never a second, and returns when the head of the
// answer is there. ctx covers the answer's body too. Every error is an *Error: an
// answer of the service's own, read and closed, or a broken exchange, whose class is
// Network.
func (c *Conn) Do(ctx context.Context, req *Request) (*Response, error) {
	var answered atomic.Bool
	out, err := c.newRequest(c.withHooks(ctx, req, &answered), req)
	if err != nil {
		failed := c.client.exchangeError(ctx, req.op(), err)
		failed.unsent, failed.stale = true, c.kept && err == errConnClosed
		return nil, failed
	}
	defer c.wire.unwatch()
	resp, err := c.send(out)
	if err != nil {
		return nil, c.failed(ctx, req, err, answered.Load())
	}
	c.kept = true
	if req.OnFirstByte != nil {
		req.OnFirstByte()
	}
	c.client.traceAnswer(resp)
	switch {
	case resp.StatusCode == http.StatusSwitchingProtocols && !has(out.Header, "Upgrade"):
		resp.Body.Close()
		return nil, c.failed(ctx, req, errSwitched, true)
	case c.client.cfg.Service.answered(resp.StatusCode, resp.Header):
		forwarded := c.client.cfg.Service.SessionsAPI && has(resp.Header, headerSlave)
		failed := c.client.refused(ctx, req.op(), resp, classOfProxy)
		if forwarded {
			failed.disbelieve()
		}
		return nil, failed
	}
	return c.response(ctx, req, resp)
}

// errSwitched refuses an answer behind which another protocol would follow.
var errSwitched = errors.New("the answer switches protocols (101), which nobody asked for")

// failed is the error of a request to which no usable head came. answered says
// whether the first byte of an answer had arrived.
func (c *Conn) failed(ctx context.Context, req *Request, err error, answered bool) *Error {
	failed := c.client.exchangeError(ctx, req.op(), err)
	if failed.Class != Network || ctx.Err() != nil {
		return failed
	}
	if _, bad := badHead(err.Error()); bad || err == errSwitched || err == errFields {
		failed.badHead = true
	}
	failed.stale = c.kept && !answered
	return failed
}

// newRequest checks req and makes net/http's form of it.
func (c *Conn) newRequest(ctx context.Context, req *Request) (*http.Request, error) {
	if err := c.ready(req.URL); err != nil {
		return nil, err
	}
	header, host := c.client.header(req)
	if err := checkHead(req.method(), header); err != nil {
		return nil, &Error{Op: req.op(), Class: Hopeless, Err: err}
	}
	out := new(http.Request).WithContext(ctx) // first, since it copies the request
	out.Method, out.URL, out.Host, out.Header = req.method(), c.requestURL(req.URL, host), host, header
	out.Proto, out.ProtoMajor, out.ProtoMinor = "HTTP/1.1", 1, 1
	if req.Body != nil {
		body, err := req.Body()
		if err != nil {
			return nil, &Error{Op: req.op(), Class: Unforeseen, Err: err}
		}
		out.Body, out.ContentLength = upload(body, req.Length)
	}
	return c.client.traceRequest(out, c.scheme), nil
}

// withHooks reports the moments at which the head goes out and has left, and notes
// the first byte of an answer. On a busy machine these moments are well after the
// call of Do.
func (c *Conn) withHooks(ctx context.Context, req *Request, answered *atomic.Bool) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotFirstResponseByte: func() { answered.Store(true) },
		WroteHeaders: func() {
			if req.OnWrite != nil {
				req.OnWrite()
			}
			if req.OnWritten != nil {
				c.wire.watchHead(req.OnWritten)
			}
		},
	})
}

// requestURL is the URL for net/http: without the user, which is in a header, and
// without the default port. Opaque keeps a path that net/http would spell otherwise.
// It also keeps the target's host where the caller names another Host, which net/http
// would put into the request line. A space in a query would end that line early.
func (c *Conn) requestURL(target *url.URL, host string) *url.URL {
	u := *target
	u.User = nil
	if u.Scheme == "https" && u.Port() == "443" || u.Scheme == "http" && u.Port() == "80" {
		u.Host = strings.TrimSuffix(u.Host, ":"+u.Port())
	}
	u.RawQuery = strings.ReplaceAll(u.RawQuery, " ", "%20")
	switch octets := pathOctets(target); {
	case u.Scheme == "http" && (host != "" || u.Opaque != ""):
		u.Opaque = slashesAnd(asciiHostPort(u.Host)) + octets
	case strings.HasPrefix(octets, "//"):
		u.Opaque = "" // net/http would take its host for the request's
	case u.Opaque != "":
		u.Opaque = octets
	case u.RawPath != "":
		u.RawPath = octets
	}
	return &u
}

// send writes out and reads the answer's head. It does without resty, which alters
// headers and bodies and cost a tenth of a batch's time.
func (c *Conn) send(out *http.Request) (*http.Response, error) {
	resp, err := c.cc.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	if fields(resp.Header) > fieldLimit {
		resp.Body.Close()
		return nil, errFields
	}
	restoreSpelling(resp.Header)
	return resp, nil
}

// errFields refuses a head of very many short fields, which takes twenty times its
// length in memory.
var errFields = fmt.Errorf("the head of the answer has over %d fields", fieldLimit)

func fields(header http.Header) (n int) {
	for _, values := range header {
		n += len(values)
	}
	return n
}

// response makes the Response of a target's answer. Its head is redacted, so that it
// can be shown and written down; its body is the target's, byte for byte.
func (c *Conn) response(ctx context.Context, req *Request, resp *http.Response) (*Response, error) {
	service := c.client.service(resp)
	c.client.redactHeader(resp.Header)
	r := &Response{
		Proto: resp.Proto, Status: resp.StatusCode, Reason: c.client.redact(reason(resp)), Header: resp.Header,
		Body: resp.Body, Length: resp.ContentLength, Service: service, conn: c,
	}
	codings, err := codingsToUndo(req, resp, service.Dialect)
	if err != nil {
		resp.Body.Close()
		failed := c.client.exchangeError(ctx, req.op(), err)
		failed.Service = service // the request was answered, and its session made, all the same
		return nil, failed
	}
	if codings != nil {
		r.Body, r.Length, r.Decoded = decode(r.Body, codings), -1, true
	}
	r.Body = c.watch(ctx, req.op, r.Body, resp)
	return r, nil
}

// reason is the reason phrase in the first line of the answer.
func reason(resp *http.Response) string {
	_, words, _ := strings.Cut(resp.Status, " ")
	return words
}

// op names the request in errors, without credentials that the URL may hold.
func (r *Request) op() string {
	method := r.method()
	if !httpguts.ValidHeaderFieldName(method) {
		method = strconv.Quote(capped(method, 50))
	}
	return method + " " + displayURL(r.URL)
}

func (r *Request) method() string {
	if r.Method == "" {
		return http.MethodGet
	}
	return r.Method
}

func displayURL(u *url.URL) string {
	if u == nil {
		return ""
	}
	bare := *u
	bare.User, bare.Fragment, bare.RawFragment = nil, "", ""
	return capped(bare.String(), 500)
}
