package paced

import (
	"context"
	"time"

	"smp/client"
	"smp/client/ledger"
)

// How long a gate is held where the service refuses a request for its limits and does
// not say for how long: first, and at most.
const (
	firstHold = 20 * time.Second
	lastHold  = 10 * time.Minute
)

// hostGate is the gate of a target's host, and the delay that its requests keep.
func (f *Fetcher) hostGate(host string) (ledger.Gate, time.Duration) {
	if f.Target == nil {
		return ledger.HostGate(host), 0
	}
	domain, delay := f.Target(host)
	return ledger.HostGate(domain), delay
}

// spaced reports whether requests to host keep a delay beside their session's.
func (f *Fetcher) spaced(host string) bool {
	_, delay := f.hostGate(host)
	return delay > 0 || f.KeyDelay > 0
}

// gates are a request's places in the queues of its host and of the API key, as far as
// it has to wait there.
type gates struct {
	places    []*ledger.Ticket
	mayBeHeld bool // by the service's limits
	notify    func(Event)
}

// queueAtGates takes the places. The gate comes last before the request is sent, so
// that nobody waits there behind a request whose slot is far away. waited is how long
// the request has waited for its session's slot.
func (f *Fetcher) queueAtGates(host string, p pace, waited time.Duration) (*gates, error) {
	g := &gates{mayBeHeld: f.service().Limits, notify: f.notify}
	if p.Unpaced {
		return g, nil
	}
	patience := p.Patience
	if patience > 0 {
		patience = max(0, patience-waited)
	}
	gate, delay := f.hostGate(host)
	err := g.queue(f.Ledger, gate, ledger.Pace{Delay: delay, Patience: patience})
	if err == nil {
		err = g.queue(f.Ledger, ledger.KeyGate, ledger.Pace{Delay: f.KeyDelay, Patience: patience})
	}
	return g, err
}

func (g *gates) queue(l *ledger.Ledger, gate ledger.Gate, p ledger.Pace) error {
	if p.Delay <= 0 && !g.mayBeHeld {
		return nil
	}
	ticket, err := l.Pass(gate, p)
	if ticket != nil {
		g.places = append(g.places, ticket)
	}
	return err
}

// sleep waits until lead before the last of the places.
func (g *gates) sleep(ctx context.Context, lead time.Duration) error {
	for _, ticket := range g.places {
		if err := ticket.Sleep(ctx, lead, g.progress(ticket)); err != nil {
			return err
		}
	}
	return nil
}

// enter passes the gates.
func (g *gates) enter(ctx context.Context) error {
	for _, ticket := range g.places {
		if err := ticket.Enter(ctx, g.progress(ticket)); err != nil {
			return err
		}
	}
	return nil
}

func (g *gates) progress(t *ledger.Ticket) func(time.Duration) {
	return func(left time.Duration) { g.notify(Waiting{Gate: t.Gate().String(), Left: left}) }
}

// giveUp cancels the places that were not used.
func (g *gates) giveUp() {
	for _, ticket := range g.places {
		ticket.Cancel()
	}
}

// wait is how long it is until the last of the places.
func (g *gates) wait() (longest time.Duration) {
	for _, ticket := range g.places {
		longest = max(longest, ticket.Wait())
	}
	return longest
}

// waited is how long the request has waited at the gates.
func (g *gates) waited() (sum time.Duration) {
	for _, ticket := range g.places {
		sum += ticket.Waited()
	}
	return sum
}

// hold closes, for a while and every process, the gate whose limit a request was over. It
// reports whether the request was over a limit at all.
func (f *Fetcher) hold(failed *client.Error, host string) bool {
	if !f.service().Limits {
		return false
	}
	gate := ledger.KeyGate
	switch failed.Limit() {
	case client.LimitNone:
		return false
	case client.LimitHost:
		gate, _ = f.hostGate(host)
	}
	left, err := f.Ledger.Hold(gate, failed.Service.RetryAfter, f.scaled(firstHold), f.scaled(lastHold))
	f.trouble(err)
	if err == nil {
		f.notify(GateHeld{Gate: gate.String(), Left: left})
	}
	return true
}
