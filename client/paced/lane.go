package paced

import (
	"context"
	"net/url"
	"time"

	"smp/client"
)

// Lane is a session and the connection kept open for its next request. The zero
// value is a lane without a session. A lane serves one request at a time: its
// caller closes the Body of one answer before it asks for the next.
type Lane struct {
	// Session is an id, "create" or none; a name is resolved first ([Fetcher.Resolve]).
	// A request with "create" puts the new id here.
	Session Ref

	// Name is what events call the session, a name of the user's without its @; empty
	// for none.
	Name string

	// Lease lets requests without a delay follow one another without a look at the
	// ledger each. Whoever keeps a delay with the same IP then waits up to 250 ms
	// longer. So a Lease is for lanes with many requests only.
	Lease bool

	// IPAsked says that the service was asked for the session's outgoing IP already, see
	// [Fetcher.Enlist].
	IPAsked bool

	// OnWrite is called, from another goroutine, as a request of the lane leaves. The
	// request waits until OnWrite returns; nil is for nobody.
	OnWrite func()

	next  time.Time
	conn  *client.Conn
	fresh bool // the next request needs a new connection
	taken bool // another lane released conn, and it has carried no answer since
	named bool // the last answer named the lane's session
	lease lease
	limit limit // of the exchange under way
}

// id of the lane's session; empty where it has none yet.
func (l *Lane) id() string {
	if l.Session.Kind == RefID {
		return l.Session.Value
	}
	return ""
}

// onWrite tells all who want to know that a request leaves.
func (l *Lane) onWrite(req *client.Request) func() {
	return func() {
		if l.OnWrite != nil {
			l.OnWrite()
		}
		if req.OnWrite != nil {
			req.OnWrite()
		}
	}
}

// NextSlot is when the session's next request can start at the earliest, as far as
// the last answer told. It is zero where the answer told nothing, or the next need
// not wait.
func (l *Lane) NextSlot() time.Time { return l.next }

// Close closes the lane's connection, if one is open.
func (l *Lane) Close() error {
	l.limit.release()
	if l.conn == nil {
		return nil
	}
	conn := l.conn
	l.conn = nil
	return conn.Close()
}

// redial closes the lane's connection, and makes its next request use a new one.
func (l *Lane) redial() {
	l.Close()
	l.fresh = true
}

// connect gives the lane the connection that req is sent on: its own, one that an
// earlier fetch of the session left, one that another lane released, or a new one.
func (f *Fetcher) connect(ctx context.Context, l *Lane, req *client.Request) (*client.Conn, error) {
	if l.conn != nil && l.conn.Serves(req.URL) {
		return l.conn, nil
	}
	f.Release(l)
	l.taken = false
	f.adopt(l, req.URL)
	f.takeSpare(l, req)
	if l.conn != nil {
		return l.conn, nil
	}
	began := time.Now()
	conn, err := f.Client.Dial(ctx, req.URL)
	if err != nil {
		return nil, err
	}
	f.dials.took(time.Since(began))
	l.conn, l.fresh = conn, false
	return conn, nil
}

// adopt gives a lane the connection, and the rest of the lease, that an earlier fetch
// of its session left, if there is one.
func (f *Fetcher) adopt(l *Lane, target *url.URL) {
	if l.fresh {
		return
	}
	kept := f.idle.take(l.id(), target)
	if kept == nil {
		return
	}
	l.conn = kept.conn
	if l.lease.session == "" {
		l.lease, kept.lease = kept.lease, lease{}
	}
	f.settle(&kept.lease) // counts the requests of a second lease, whose rest is not used
}

// keep leaves the lane's connection to later fetches of its session, where the
// Fetcher keeps any and the connection can serve one; else it closes it.
func (f *Fetcher) keep(l *Lane) {
	l.limit.release()
	c := &idleConn{session: l.id(), conn: l.conn, lease: l.lease}
	l.conn, l.lease = nil, lease{}
	displaced := c
	if c.conn != nil && f.KeepAlive > 0 && c.conn.Idle() {
		displaced = f.idle.put(c, f.KeepAlive, f.discard)
	}
	if displaced != nil {
		f.discard(displaced)
	}
}

// discard ends what waited for another request, or cannot serve one.
func (f *Fetcher) discard(c *idleConn) {
	if c.conn != nil {
		_ = c.conn.Close()
	}
	f.settle(&c.lease)
}
