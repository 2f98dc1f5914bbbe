package paced

import (
	"fmt"

	"smp/client"
)

// Release leaves the lane's connection to a request of any session, for as long as
// [Fetcher.ConnectLead]. It is for a lane whose session rests for longer than that. Each
// request names its session itself, inside a tunnel too, so that a connection is no
// session's own. What cannot be left is closed: the connection of a lane whose answers do
// not name the session, so that a later one could not be told from a stray one, and
// every connection once one has proved to be of no use to others.
func (f *Fetcher) Release(l *Lane) {
	if l.conn == nil {
		return
	}
	c := &idleConn{conn: l.conn}
	l.conn = nil
	displaced := c
	if l.named && c.conn.Idle() && !f.apart.Load() {
		displaced = f.spare.put(c, f.ConnectLead(), f.discard)
	}
	if displaced != nil {
		f.discard(displaced)
	}
}

// takeSpare gives a lane without a connection one that another lane released. The
// service may be about to close it. So it is not for a request that must not be repeated,
// or whose body may be there only once.
func (f *Fetcher) takeSpare(l *Lane, req *client.Request) {
	if l.conn != nil || l.fresh || l.id() == "" || req.Body != nil || !idempotent(req.Method) || f.apart.Load() {
		return
	}
	if c := f.spare.take("", req.URL); c != nil {
		l.conn, l.taken = c.conn, true
	}
}

// checked is what came back on the lane's connection. Where another lane released the
// connection, its end cost the session a slot, and an answer to some other request must
// not pass for this one's. After either, each lane keeps to connections of its own.
func (f *Fetcher) checked(l *Lane, resp *client.Response, err error) (*client.Response, error) {
	taken, session := l.taken, serviceOf(resp, err).Session
	l.taken, l.named = false, session != "" && session == l.id()
	if !taken || l.named {
		return resp, err
	}
	if resp == nil && session == "" {
		if failed := asClientError(err); failed != nil && failed.Stale() {
			f.apart.Store(true)
		}
		return nil, err
	}
	f.apart.Store(true)
	if resp != nil {
		resp.Body.Close()
	}
	l.Close()
	return nil, &client.Error{
		Op: "read an answer to session " + l.id(), Class: client.Network,
		Err: fmt.Errorf("it names session %q", session),
	}
}
