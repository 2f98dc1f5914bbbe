package client

import (
	"context"
	"errors"
)

// Session is one session as the service names it.
type Session struct {
	ID string
	IP string // host part of the outgoing IP; "" = unknown
}

// CreateSession asks for a new session (POST /sessions).
func (c *Client) CreateSession(ctx context.Context) (Session, error) {
	return Session{}, errors.New("not there yet")
}

// ListSessions asks for the live sessions of the key (GET /sessions), ordered by
// id, numerically where ids are numeric.
func (c *Client) ListSessions(ctx context.Context) ([]Session, error) {
	return nil, errors.New("not there yet")
}

// DeleteSession ends a session (DELETE /sessions/ID).
func (c *Client) DeleteSession(ctx context.Context, id string) error {
	return errors.New("not there yet")
}
