package paced

import (
	"context"
	"errors"
	"io"
	"time"

	"smp/client"
	"smp/client/ledger"
)

// connectLead is how long before its slot a request connects: long enough for
// most handshakes, short enough that thousands of waiting sessions hold no
// connection.
const connectLead = time.Second

// ConnectLead is how long before its slot a request connects.
func (f *Fetcher) ConnectLead() time.Duration { return f.scaled(connectLead) }

// pace says when a request may start.
type pace struct {
	ledger.Pace
	Timeout time.Duration // from the sending to the end of the body; 0 for none
	turn    func(context.Context) (end func(), err error)
}

// waitTurn waits for the turn to take a slot of the session, where it matters. end may
// be called more than once: as the request leaves, and by a defer in case it does not.
func (p *pace) waitTurn(ctx context.Context, session string) (end func(), err error) {
	if p.turn == nil || p.Delay <= 0 || p.Unpaced || session == "" {
		return func() {}, nil
	}
	return p.turn(ctx)
}

// answer is what one request came to. Where attempt failed, Response is nil and
// the rest is what is known all the same.
type answer struct {
	Response *client.Response
	Service  client.ServiceHeaders // on answers and errors alike
	Sent     bool                  // the request left this machine
	Created  bool                  // the lane's session was made by it
	Waited   time.Duration         // for the slot
}

// attempt sends req exactly once, in the lane's session, at its slot. It waits for
// the slot, connects shortly before it, and writes down what the answer says of
// the session and its IP. Errors are those of [Run.Step], redirects aside.
func (f *Fetcher) attempt(ctx context.Context, req *client.Request, pace pace, lane *Lane) (*answer, error) {
	pace.Region = f.service().Region(req.Header)
	if lane.Lease && lane.conn == nil && pace.Delay <= 0 {
		f.adopt(lane, req.URL)
	}
	if lane.lease.covers(lane, pace) && f.reaches(&lane.lease, req.URL.Hostname()) {
		return f.attemptLeased(ctx, req, pace, lane)
	}
	answer := &answer{}
	lane.next = time.Time{}
	if err := f.beginSession(ctx, lane, answer); err != nil {
		return answer, err
	}
	endTurn, err := pace.waitTurn(ctx, lane.id())
	if err != nil {
		return answer, err
	}
	defer endTurn()
	if err := f.learnIP(ctx, lane, pace.Pace); err != nil {
		return answer, err
	}
	ticket, err := f.reserve(lane.id(), pace.Pace)
	if err != nil {
		return answer, err
	}
	defer ticket.Cancel()

	d := &departure{fetcher: f, ticket: ticket, gates: &gates{}, lane: lane, request: req}
	conn, err := d.await(ctx, pace)
	answer.Waited = d.waited()
	if err != nil {
		return answer, err
	}
	answer.Sent = true
	sent := *req
	sent.Session = lane.Session.String()
	sent.OnFirstByte = ticket.FirstByte
	onWrite := lane.onWrite(req)
	sent.OnWrite = func() {
		endTurn()
		onWrite()
		ticket.Writing() // last: what is told before may take its time
	}
	sent.OnWritten = ticket.Written
	answer.Response, err = lane.exchange(ctx, conn, &sent, pace.Timeout)
	answer.Response, err = f.checked(lane, answer.Response, err)
	if unrecorded := f.record(ctx, ticket, lane, answer, err, pace, req.URL.Hostname()); unrecorded != nil && err == nil {
		answer.Response.Body.Close() // its session is deleted again, so the answer is of no use
		answer.Response, err = nil, unrecorded
	}
	return answer, err
}

// beginSession makes the session of a request that asks for a new one where sessions
// are made here, and not by the service.
func (f *Fetcher) beginSession(ctx context.Context, lane *Lane, answer *answer) error {
	if lane.Session.Kind != RefCreate || f.service().SessionsAPI {
		return nil
	}
	made, err := f.NewSession(ctx)
	if err != nil {
		return err
	}
	lane.Session = Ref{Kind: RefID, Value: made.ID}
	answer.Created = true
	f.notify(Created{Session: made.ID})
	return nil
}

// reserve takes a slot of the session; an empty id, of a request that has none or
// that makes its session, is only recorded. A request that does not wait for a slot
// goes out also where nothing can be written down.
func (f *Fetcher) reserve(id string, pace ledger.Pace) (*ledger.Ticket, error) {
	ticket, err := f.Ledger.Reserve(id, pace)
	if pace.Unpaced && unusable(err) {
		f.trouble(err)
		return f.Ledger.Reserve("", pace)
	}
	return ticket, err
}

// unusable reports whether err is that nothing can be read or written in the ledger.
func unusable(err error) bool {
	_, state := errors.AsType[*ledger.StateError](err)
	return state
}

// exchange does the one request within its timeout, which ends when the body is
// closed.
func (l *Lane) exchange(ctx context.Context, conn *client.Conn, req *client.Request, timeout time.Duration) (*client.Response, error) {
	if timeout <= 0 {
		return conn.Do(ctx, req)
	}
	resp, err := conn.Do(l.limit.begin(ctx, timeout), req)
	if err != nil {
		l.endExchange()
		return nil, err
	}
	resp.Body = &limitedBody{ReadCloser: resp.Body, lane: l}
	return resp, nil
}

// endExchange ends the timeout.
func (l *Lane) endExchange() {
	if l.Lease {
		l.limit.end()
	} else {
		l.limit.release()
	}
}

// limitedBody ends the exchange with its body.
type limitedBody struct {
	io.ReadCloser
	lane   *Lane
	closed bool
}

func (b *limitedBody) Close() error {
	err := b.ReadCloser.Close()
	if !b.closed {
		b.closed = true
		b.lane.endExchange()
	}
	return err
}

// record writes down what an exchange taught: a new session, a dead one, the
// outgoing IP and how long it must rest. Its error is that of a new session that
// could not be kept.
func (f *Fetcher) record(ctx context.Context, ticket *ledger.Ticket, lane *Lane, answer *answer, err error, pace pace, host string) (unrecorded error) {
	answer.Service = serviceOf(answer.Response, err)
	service := answer.Service
	if lane.Session.Kind == RefCreate && service.Session != "" {
		lane.Session = Ref{Kind: RefID, Value: service.Session}
		if unrecorded = f.writeDown(ctx, ledger.Session{ID: service.Session, IP: service.IP, Mine: true}); unrecorded != nil {
			return unrecorded
		}
		answer.Created = true
		f.notify(Created{Session: service.Session})
	}
	feedback := ledger.Feedback{
		Session:  service.Session,
		IP:       service.IP,
		Postpone: max(service.NextRequestIn, service.RetryAfter),
		Answered: err == nil,
	}
	held := false
	if failed := asClientError(err); failed != nil {
		if failed.Class == client.SessionDead {
			f.trouble(f.Ledger.MarkDead(lane.id()))
		}
		feedback.Banned = failed.Banned()
		if held = f.hold(failed, host); held {
			feedback.Postpone = 0 // the wait is that of the gate, and not this session's
		}
	}
	if life := f.Client.Service().LifeOf(service.Dialect); life.Final {
		feedback.Life = ledger.Life(life.Scaled(f.scale()))
	}
	if feedback.Postpone > 0 && (lane.id() != "" || service.IP != "") {
		f.notify(Postponed{Session: lane.id(), Name: lane.Name, IP: service.IP, By: feedback.Postpone})
	}
	f.renew(lane, host, pace, held, &feedback)
	f.trouble(ticket.Done(feedback))
	if wait := ticket.Next(); wait > 0 && lane.lease.session == "" {
		lane.next = time.Now().Add(wait)
	}
	return nil
}

func serviceOf(resp *client.Response, err error) client.ServiceHeaders {
	if resp != nil {
		return resp.Service
	}
	if failed := asClientError(err); failed != nil {
		return failed.Service
	}
	return client.ServiceHeaders{}
}

func asClientError(err error) *client.Error {
	if failed, ok := errors.AsType[*client.Error](err); ok {
		return failed
	}
	return nil
}

func (f *Fetcher) trouble(err error) {
	if err != nil {
		f.notify(LedgerTrouble{Err: err})
	}
}
