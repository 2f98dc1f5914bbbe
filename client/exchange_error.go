package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
)

var (
	errNotConnected = errors.New("no connection within the time for it")
	errConnClosed   = errors.New("the connection was closed before the request was sent")
)

// exchangeError is the error of an exchange that did not come to its end. An *Error
// from further down, such as a refused CONNECT, is returned as it is.
func (c *Client) exchangeError(ctx context.Context, op string, err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	var own *sourceError
	if errors.As(err, &own) {
		return &Error{Op: op, Class: Unforeseen, Err: own}
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // its text quotes the URL
	}
	return &Error{Op: op, Class: Network, Err: &cause{text: c.causeText(ctx, err), errs: []error{err, context.Cause(ctx)}}}
}

// cause says in our words what broke an exchange: net/http's text may quote all that
// a hostile server sent. It also wraps the context's cause, since only the owner of
// the context knows which limit ran out.
type cause struct {
	text string
	errs []error
}

func (c *cause) Error() string   { return c.text }
func (c *cause) Unwrap() []error { return c.errs }

func (c *Client) causeText(ctx context.Context, err error) string {
	var lookup *net.DNSError
	var record tls.RecordHeaderError
	var certificate *tls.CertificateVerificationError
	text := strings.TrimPrefix(err.Error(), brokenPrefix)
	switch line, _ := badHead(text); {
	case errors.Is(connectTimeout(ctx, err), errNotConnected):
		return errNotConnected.Error()
	case limitText(ctx) != "":
		return limitText(ctx)
	case errors.Is(err, context.Canceled), errors.Is(ctx.Err(), context.Canceled):
		return "interrupted"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "timed out"
	case errors.As(err, &lookup):
		return "cannot find the address of " + c.quote(lookup.Name+": "+lookup.Err, messageLimit)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.As(err, &certificate):
		return c.certificateText(certificate.Err)
	case errors.As(err, &record):
		return "the other side does not speak TLS"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the connection was reset"
	// net/http has no error value for the next two cases.
	case strings.Contains(text, "server response headers exceeded"), strings.Contains(text, "read limit of"):
		return "the head of the answer is over 300 KiB"
	case line != "":
		return "the answer is malformed: " + c.quote(line, 200)
	case strings.Contains(text, "malformed"), strings.Contains(text, "chunk"), errors.Is(err, http.ErrLineTooLong):
		return "the answer is malformed: " + c.quote(text, 200)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the answer ended early"
	case errors.Is(err, io.EOF):
		return "the connection was closed without an answer"
	default:
		return c.quote(text, messageLimit)
	}
}

// limitText is what the context's cause says of a limit that ran out; "" for another
// cause, or none.
func limitText(ctx context.Context) string {
	var limit interface{ Timeout() bool }
	if cause := context.Cause(ctx); cause != context.DeadlineExceeded && errors.As(cause, &limit) && limit.Timeout() {
		return cause.Error()
	}
	return ""
}

// certificateText quotes x509, whose text names which of many things is wrong.
func (c *Client) certificateText(err error) string {
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unknown) {
		return "its certificate is signed by an unknown authority"
	}
	return "its certificate is not valid: " + c.quote(err.Error(), messageLimit)
}
