package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
)

// Session is one session as the service names it.
type Session struct {
	ID string
	IP string // host part of the outgoing IP; "" = unknown
}

// CreateSession asks for a new session (POST /sessions). The id is the body of the
// answer (DOC), else its X-Crawlera-Session (OBS: some clients read only that).
// Without a sessions API the id is made here, and no request is sent.
func (c *Client) CreateSession(ctx context.Context) (Session, error) {
	if !c.cfg.Service.SessionsAPI {
		return Session{ID: newUUID4()}, nil
	}
	resp, op, err := c.call(ctx, http.MethodPost, "/sessions")
	if err != nil {
		return Session{}, err
	}
	defer resp.Body.Close()
	service := c.service(resp)
	text, err := io.ReadAll(io.LimitReader(&body{ReadCloser: resp.Body, ctx: ctx, op: func() string { return op }, client: c}, int64(c.excerptReadLimit())))
	if id := string(bytes.TrimSpace(text)); err == nil && assignableID(id) && !c.secrets.leaks(id) {
		return Session{ID: id, IP: service.IP}, nil
	}
	// The session exists, however badly the answer ended.
	if service.Session != "" {
		return Session{ID: service.Session, IP: service.IP}, nil
	}
	if err != nil {
		return Session{}, err
	}
	return Session{}, c.notSessionsAPI(op, resp, text, "no usable session ID")
}

// ListSessions asks for the live sessions of the key (GET /sessions), ordered by
// id, numerically where ids are numeric. Ids that are not well-formed or leak the key
// are left out.
func (c *Client) ListSessions(ctx context.Context) ([]Session, error) {
	if !c.cfg.Service.SessionsAPI {
		return nil, &Error{Op: "GET /sessions", Class: Unforeseen, Err: errNoSessionsAPI, api: true, unsent: true}
	}
	resp, op, err := c.call(ctx, http.MethodGet, "/sessions")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	start := &prefixReader{r: &body{ReadCloser: resp.Body, ctx: ctx, op: func() string { return op }, client: c}, limit: c.excerptReadLimit()}
	sessions, err := decodeList(start)
	if err == nil {
		return c.withoutKey(sessions), nil
	}
	var broken *Error
	if errors.As(err, &broken) {
		return nil, broken
	}
	return nil, c.notSessionsAPI(op, resp, start.kept, err.Error())
}

func (c *Client) withoutKey(sessions []Session) []Session {
	for i := range sessions {
		if c.secrets.leaks(sessions[i].IP) {
			sessions[i].IP = ""
		}
	}
	return slices.DeleteFunc(sessions, func(s Session) bool { return c.secrets.leaks(s.ID) })
}

// DeleteSession ends a session (DELETE /sessions/ID). An id that the service does not
// know is an *Error of class SessionDead.
func (c *Client) DeleteSession(ctx context.Context, id string) error {
	if !c.cfg.Service.SessionsAPI {
		return nil
	}
	if !ValidSessionID(id) {
		return &Error{Op: "DELETE /sessions", Class: SessionDead, Err: errors.New("not a session ID"), unsent: true}
	}
	resp, _, err := c.call(ctx, http.MethodDelete, "/sessions/"+id)
	if err != nil {
		return err
	}
	readRefusal(ctx, resp.Body, bodyLimit) // to its end, so that the connection serves the next call
	return nil
}

// call sends one request to the sessions API and returns a 2xx answer. The key is in
// Authorization here, since the endpoint is the origin server and not a proxy.
func (c *Client) call(ctx context.Context, method, path string) (*http.Response, string, error) {
	url := c.cfg.Endpoint.String() + path
	op := method + " " + url
	r := c.api().R()
	if c.credentials != "" {
		r.SetHeader("Authorization", c.credentials)
	}
	if c.cfg.Trace != nil {
		c.trace("> " + method + " " + path + " HTTP/1.1")
		ctx = c.traceFields(ctx)
	}
	connected := false
	resp, err := execute(r.SetContext(traceConnected(ctx, &connected)), method, url)
	if err != nil {
		failed := c.exchangeError(ctx, op, err)
		failed.api, failed.tls, failed.unsent = true, c.cfg.Endpoint.Scheme == "https", !connected
		return nil, op, failed
	}
	c.traceAnswer(resp)
	if resp.StatusCode/100 != 2 || has(resp.Header, headerError) || has(resp.Header, headerZyteError) {
		failed := c.refused(ctx, op, resp, classOfAPI)
		failed.api = true
		return nil, op, failed
	}
	return resp, op, nil
}

// notSessionsAPI is the error of a 2xx answer that no sessions API gives.
func (c *Client) notSessionsAPI(op string, resp *http.Response, text []byte, what string) *Error {
	text = c.excerpt(text)
	service := c.service(resp)
	c.redactHeader(resp.Header)
	return &Error{
		Op: op, Class: Unforeseen, Status: resp.StatusCode, Header: resp.Header, Body: text,
		Message: firstLine(text), Service: service, Err: errors.New(what), api: true,
	}
}
