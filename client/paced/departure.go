package paced

import (
	"context"
	"time"

	"smp/client"
	"smp/client/ledger"
)

// departure is a request on its way to its slot: that of its session, then the gates of
// its host and of the API key.
type departure struct {
	fetcher *Fetcher
	ticket  *ledger.Ticket
	gates   *gates
	lane    *Lane
	request *client.Request
}

// await returns at the request's slot with a connection to send it on. A wait that
// grows may outlast the connection that stands by. The connection is then made
// once more, before the request counts as sent.
func (d *departure) await(ctx context.Context, pace pace) (*client.Conn, error) {
	lead := d.fetcher.ConnectLead()
	d.release(d.ticket.Wait())
	if err := d.ticket.Sleep(ctx, lead, d.progress); err != nil {
		return nil, err
	}
	var err error
	d.gates, err = d.fetcher.queueAtGates(d.request.URL.Hostname(), pace, d.ticket.Waited())
	defer d.gates.giveUp()
	if err != nil {
		return nil, err
	}
	d.release(d.gates.wait())
	conn, err := d.connect(ctx, lead)
	if err == nil && !conn.Serves(d.request.URL) {
		conn, err = d.connect(ctx, lead)
	}
	// The session comes last: its end may come while the request waits at a gate.
	if err == nil {
		err = d.gates.enter(ctx)
	}
	if err != nil {
		return nil, err
	}
	return conn, d.ticket.Start(ctx, d.progress)
}

// release gives up the lane's connection where it would stand by for long.
func (d *departure) release(wait time.Duration) {
	if wait > d.fetcher.ConnectLead() {
		d.fetcher.Release(d.lane)
	}
}

// connect gives the connection shortly before the slot, and returns at it.
func (d *departure) connect(ctx context.Context, lead time.Duration) (*client.Conn, error) {
	if err := d.sleep(ctx, lead); err != nil {
		return nil, err
	}
	conn, err := d.fetcher.connect(ctx, d.lane, d.request)
	if err != nil {
		return nil, err
	}
	return conn, d.sleep(ctx, 0)
}

func (d *departure) sleep(ctx context.Context, lead time.Duration) error {
	if err := d.ticket.Sleep(ctx, lead, d.progress); err != nil {
		return err
	}
	return d.gates.sleep(ctx, lead)
}

func (d *departure) progress(left time.Duration) {
	d.fetcher.notify(Waiting{Session: d.lane.id(), Name: d.lane.Name, Left: left})
}

// waited is how long the request has waited, everywhere.
func (d *departure) waited() time.Duration { return d.ticket.Waited() + d.gates.waited() }
