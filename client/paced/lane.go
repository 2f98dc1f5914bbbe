package paced

import (
	"context"
	"net/url"

	"smp/client"
)

// Lane is a session and the connection kept open for its next request. The zero
// value is a lane without a session. A lane serves one request at a time: its
// caller closes the Body of one answer before it asks for the next.
type Lane struct {
	Session string // an id, "create", or empty; a request with "create" puts the new id here

	conn  *client.Conn
	claim claim
}

// Close closes the lane's connection, if one is open.
func (l *Lane) Close() error {
	if l.conn == nil {
		return nil
	}
	conn := l.conn
	l.conn = nil
	return conn.Close()
}

// connect gives the connection that leads to target, a new one if need be.
func (l *Lane) connect(ctx context.Context, c *client.Client, target *url.URL) (*client.Conn, error) {
	if l.conn != nil && l.conn.Serves(target) {
		return l.conn, nil
	}
	l.Close()
	conn, err := c.Dial(ctx, target)
	if err != nil {
		return nil, err
	}
	l.conn = conn
	return conn, nil
}
