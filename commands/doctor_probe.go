package commands

import (
	"cmp"
	"context"
	"net/url"
	"time"

	"smp/client"
	"smp/commands/config"
)

// probeHost is the target of a tunnel through which nothing is sent.
const probeHost = "example.com"

// probe sends single questions to the endpoint.
type probe struct {
	client *client.Client
	limit  time.Duration
}

func (e *examination) probe(s *config.Settings) (*probe, error) {
	c, err := e.app.newClient(s, connectOptions{})
	return &probe{client: c, limit: cmp.Or(s.ConnectTimeout, s.SessionTimeout)}, err
}

// ask asks what a service is sure to refuse without an API key.
func (p *probe) ask(ctx context.Context) error {
	if !p.client.Service().SessionsAPI {
		return p.tunnel(ctx)
	}
	_, err := p.list(ctx)
	return err
}

// list counts the sessions.
func (p *probe) list(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, p.limit)
	defer cancel()
	sessions, err := p.client.ListSessions(ctx)
	return len(sessions), err
}

func (p *probe) tunnel(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.limit)
	defer cancel()
	conn, err := p.client.Dial(ctx, &url.URL{Scheme: "https", Host: probeHost, Path: "/"})
	if err != nil {
		return err
	}
	return conn.Close()
}
