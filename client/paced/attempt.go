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

// How long Zyte API keeps a session after its last request, and at most (documented:
// its sessions page). Smart Proxy Manager's life of a session is the ledger's default.
const (
	zyteIdleTTL = 2 * time.Minute
	zyteMaxAge  = 15 * time.Minute
)

// Pace says when a request may start.
type Pace struct {
	ledger.Pace
	Timeout time.Duration // from the sending to the end of the body; 0 for none
}

// Answer is what one request came to. Where Attempt failed, Response is nil and
// the rest is what is known all the same.
type Answer struct {
	Response *client.Response
	Service  client.ServiceHeaders // what the service said, on answers and errors alike
	Sent     bool                  // the request left this machine
	Created  bool                  // the lane's session was made by it
	Waited   time.Duration         // for the slot
}

// Attempt sends req exactly once, in the lane's session, at its slot. It waits for
// the slot, connects shortly before it, and writes down what the answer says of
// the session and its IP. req.Session is ignored.
//
// Errors: *client.Error where the service or the network refused,
// *ledger.TooLate where the slot is later than pace allows, ledger.ErrSessionDead
// where the session was found dead while this request waited, and the context's.
// The last three mean that nothing was sent.
func (f *Fetcher) Attempt(ctx context.Context, req *client.Request, pace Pace, lane *Lane) (*Answer, error) {
	if lane.claim.covers(lane, pace) {
		return f.attemptClaimed(ctx, req, pace, lane)
	}
	answer := &Answer{}
	f.learnIP(ctx, lane.Session, pace.Pace)
	ticket, err := f.reserve(lane.Session, pace.Pace)
	if err != nil {
		return answer, err
	}
	defer ticket.Cancel()

	conn, err := f.await(ctx, ticket, req, lane)
	answer.Waited = ticket.Waited()
	if err != nil {
		return answer, err
	}
	answer.Sent = true
	sent := *req
	sent.Session = lane.Session
	sent.OnWrite, sent.OnFirstByte = ticket.Written, ticket.FirstByte
	answer.Response, err = exchange(ctx, conn, &sent, pace.Timeout)
	f.record(ticket, lane, answer, err, pace)
	return answer, err
}

// reserve takes a slot. A request that does not wait for one goes out also where
// nothing can be written down.
func (f *Fetcher) reserve(session string, pace ledger.Pace) (*ledger.Ticket, error) {
	ticket, err := f.Ledger.Reserve(paceKey(session), pace)
	if pace.Unpaced && unusable(err) {
		f.trouble(err)
		return f.Ledger.Reserve("", pace)
	}
	return ticket, err
}

// unusable says whether err is that nothing can be read or written in the ledger.
func unusable(err error) bool {
	_, state := errors.AsType[*ledger.StateError](err)
	return state
}

// paceKey is what the ledger paces by: a request that makes its session cannot
// know its IP and is only recorded.
func paceKey(session string) string {
	if session == createWord {
		return ""
	}
	return session
}

// await returns at the request's slot with a connection to send it on. A wait that
// grows while the connection stands by may outlast it: then it is made once more,
// before the request counts as sent.
func (f *Fetcher) await(ctx context.Context, ticket *ledger.Ticket, req *client.Request, lane *Lane) (*client.Conn, error) {
	progress := func(left time.Duration) { f.notify(Waiting{Session: lane.Session, Left: left}) }
	lead := scaled(connectLead, f.Scale)
	if ticket.Wait() > lead {
		lane.Close()
	}
	var conn *client.Conn
	for range 2 {
		if err := ticket.Sleep(ctx, lead, progress); err != nil {
			return nil, err
		}
		var err error
		if conn, err = lane.connect(ctx, f.Client, req.URL); err != nil {
			return nil, err
		}
		if err := ticket.Sleep(ctx, 0, progress); err != nil {
			return nil, err
		}
		if conn.Serves(req.URL) {
			break
		}
	}
	return conn, ticket.Start(ctx, progress)
}

// exchange does the one request within its timeout, which ends when the body is
// closed.
func exchange(ctx context.Context, conn *client.Conn, req *client.Request, timeout time.Duration) (*client.Response, error) {
	if timeout <= 0 {
		return conn.Do(ctx, req)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, &TimeoutError{After: timeout})
	resp, err := conn.Do(ctx, req)
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Body = &cancelingBody{ReadCloser: resp.Body, cancel: cancel}
	return resp, nil
}

// cancelingBody ends the exchange's context with its body.
type cancelingBody struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b *cancelingBody) Close() error {
	err := b.ReadCloser.Close()
	b.cancel()
	return err
}

// TimeoutError is the cause of an exchange that took longer than its timeout.
type TimeoutError struct{ After time.Duration }

func (e *TimeoutError) Error() string { return "timed out after " + e.After.String() }

// Timeout marks the error as a timeout, as in net.Error.
func (e *TimeoutError) Timeout() bool { return true }

// record writes down what an exchange taught: a new session, a dead one, the
// outgoing IP and how long it must rest.
func (f *Fetcher) record(ticket *ledger.Ticket, lane *Lane, answer *Answer, err error, pace Pace) {
	answer.Service = serviceOf(answer.Response, err)
	service := answer.Service
	if lane.Session == createWord && service.Session != "" {
		lane.Session = service.Session
		answer.Created = true
		f.trouble(f.Ledger.Add(ledger.Session{ID: service.Session, IP: service.IP, Mine: true}))
		f.notify(Created{Session: service.Session, IP: service.IP})
	}
	if failed := asClientError(err); failed != nil && failed.Class == client.SessionDead {
		f.trouble(f.Ledger.MarkDead(lane.Session))
	}
	feedback := ledger.Feedback{
		Session:  service.Session,
		IP:       service.IP,
		Postpone: max(service.NextRequestIn, service.RetryAfter),
	}
	if service.Dialect == client.DialectZyte {
		feedback.IdleTTL, feedback.MaxAge = scaled(zyteIdleTTL, f.Scale), scaled(zyteMaxAge, f.Scale)
	}
	f.stake(lane, pace, &feedback)
	f.trouble(ticket.Done(feedback))
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
