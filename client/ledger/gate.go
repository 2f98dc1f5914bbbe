package ledger

import (
	"context"
	"strings"
	"time"
)

// Gate is a queue that requests pass beside that of their session: of the API key, or
// of a host. It has slots as an outgoing IP has, counted from sending to sending: how
// long an answer takes holds nobody up.
type Gate string

// KeyGate is passed by every request of the ledger's API key.
const KeyGate Gate = "key"

// HostGate is passed by the requests to a host, or to the hosts of a domain.
func HostGate(domain string) Gate { return Gate("host " + domain) }

// String names what passes the gate: "request to shop.com".
func (g Gate) String() string {
	if domain, ok := strings.CutPrefix(string(g), "host "); ok {
		return "request to " + domain
	}
	return "request of the API key"
}

// Pass takes the next place in a gate's queue, as Reserve does in a session's. Its
// ticket is nil where nothing holds the gate and the request keeps no delay there. The
// caller ends a ticket with Enter or Cancel.
func (l *Ledger) Pass(g Gate, p Pace) (*Ticket, error) {
	free, err := l.Free(g)
	if err != nil || free && p.Delay <= 0 {
		return nil, err
	}
	t := &Ticket{l: l, gate: g, key: string(g), pace: p, reserved: l.clock.now()}
	t.slot = t.reserved
	if t.reservation.Owner, err = l.store.owner(); err != nil {
		return nil, err
	}
	t.reservation.Delay = p.Delay
	if err := t.queue(); err != nil {
		t.drop()
		return nil, err
	}
	return t, nil
}

// Free reports whether a request without a delay need not wait at a gate.
func (l *Ledger) Free(g Gate) (bool, error) {
	var s ipRecord
	rec, err := l.view(ref{ipRecords, string(g)}, &s)
	if err != nil || rec.damaged {
		return false, err
	}
	return !rec.exists || s.ready(rec.now) <= rec.now, nil
}

// Gate is the one that the ticket is for; "" is a session's ticket.
func (t *Ticket) Gate() Gate { return t.gate }

// Enter waits for the place and leaves the queue: the request is to be sent now. Its
// errors are those of Start.
func (t *Ticket) Enter(ctx context.Context, progress func(left time.Duration)) error {
	if err := t.Start(ctx, progress); err != nil {
		return err
	}
	return t.Done(Feedback{})
}

// Hold lets nothing pass a gate for d, for every process. Where the service did not say
// how long, d is 0, and it is first; hold upon hold it doubles, up to most. It returns
// for how long the gate is held now. What was sent before a hold, and is refused during
// it, does not lengthen it.
func (l *Ledger) Hold(g Gate, d, first, most time.Duration) (time.Duration, error) {
	var h holdRecord
	var until instant
	at := ref{holds, string(g)}
	err := l.edit(context.Background(), at, &h, func(rec found) action {
		if d <= 0 && rec.now < h.Until {
			until = h.Until
			return keep
		}
		until = h.hold(rec.now, min(d, maxPostpone), first, most)
		return save
	})
	if err != nil {
		return 0, err
	}
	left := time.Duration(0)
	key := string(g)
	err = l.editIP(context.Background(), &ipEdit{key: &key, f: func(s *ipRecord, now instant, _ [][]byte) action {
		s.postpone(until)
		left = max(0, s.Free.sub(now))
		return save
	}})
	return left, err
}

// holdRecord is how a gate was held last.
type holdRecord struct {
	Until instant
	Long  time.Duration // by our own reckoning; 0 where the service said how long
}

// hold is the end of a hold that begins now. One that follows soon upon another is
// twice as long.
func (h *holdRecord) hold(now instant, d, first, most time.Duration) instant {
	again := h.Long > 0 && now.sub(h.Until) < h.Long
	switch {
	case d > 0:
		h.Long = 0
	case again:
		d = min(2*h.Long, most)
		h.Long = d
	default:
		d, h.Long = first, first
	}
	h.Until = max(h.Until, now.add(d))
	return h.Until
}

func (h *holdRecord) reset() { *h = holdRecord{Until: never} }

func (h *holdRecord) encode(e *encoder) {
	e.num(uint64(h.Until))
	e.num(uint64(h.Long))
}

func (h *holdRecord) decode(d *decoder) { h.Until, h.Long = instant(d.num()), time.Duration(d.num()) }

func (h *holdRecord) shift(d time.Duration) { h.Until = h.Until.addUnlessNever(d) }
