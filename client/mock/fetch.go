package mock

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// statusLeft is the journal's status of a client that left before its answer.
const statusLeft = 499

// codeLeft is the error code of such a client, should it still read.
const codeLeft = "client_conn_closed"

// minRealTimeout keeps a fast clock from timing out targets on a slow machine.
const minRealTimeout = 5 * time.Second

var errTimeout = errors.New("the target is too slow")

// fetch is a request that is sent to its target.
type fetch struct {
	*exchange
	to    *url.URL
	want  directives
	fault *Fault // injected into the answer
	tries int

	node *node
	body *spool // of the request, once it is held or attempted again
	sent time.Time
}

func (f *fetch) run() {
	defer f.drop()
	if !f.awaitSlot() {
		return
	}
	f.entry.Started = f.s.clock.now()
	if f.fault != nil && f.fault.After {
		f.try(&targetAnswer{f: f, w: discardedAnswer{http.Header{}}, discarded: true})
		f.inject(f.fault)
		return
	}
	for n := f.entry.Attempts; ; n++ {
		f.entry.Attempts = n
		a := &targetAnswer{f: f, w: f.w}
		f.try(a)
		if a.failure == "" {
			return
		}
		clear(f.w.Header())
		if n >= f.tries || !repeated(a.failure) || !f.canRepeat() {
			f.refuseFailure(a.failure)
			return
		}
	}
}

// awaitSlot holds the request until its slot. It returns false when the request
// was answered meanwhile.
func (f *fetch) awaitSlot() bool {
	if f.session == nil {
		f.node = f.s.store.anyNode()
		f.entry.IP = f.node.ip
		return true
	}
	f.node = f.session.node
	if !f.usable() {
		return false
	}
	taken := f.s.store.claim(f.session, f.arrived, f.setup)
	f.recordSlot(taken)
	if taken.refused {
		f.refuse(&refusal{
			status: http.StatusServiceUnavailable, retry: f.s.seconds(taken.wait),
			body: "Too many requests: the delay has reached the hard limit",
		})
		return false
	}
	if taken.wait == 0 {
		return true
	}
	return f.hold(taken.reservation) && f.usable()
}

// usable refuses the request if its session has ended or was banned, which may
// happen while the request is held.
func (f *fetch) usable() bool {
	ended, banned := f.s.store.condition(f.session)
	switch {
	case ended:
		f.refuse(failed("bad_session_id"))
	case banned:
		f.refuse(failed("banned"))
	}
	return !ended && !banned
}

// recordSlot adds the slot to the journal and to the audit.
func (f *fetch) recordSlot(taken claimed) {
	e := &f.entry
	e.Slot, e.EarlyS, e.Verdict, e.Reason = taken.slot, taken.early.Seconds(), taken.verdict, taken.reason
	f.s.store.record(f.session, Early{
		Request: e.Request, Time: e.Time, Slot: taken.slot, EarlyS: e.EarlyS,
		IP: e.IP, Session: e.Session, Conn: e.Conn, Method: e.Method, Target: e.Target,
		Reason: taken.reason,
	}, taken.verdict)
}

// hold waits for the slot. The body is read first, because net/http notices that a
// client has left only after the body was read.
func (f *fetch) hold(rv *reservation) bool {
	if err := f.keepBody(); err != nil {
		f.left(rv)
		return false
	}
	st := f.s.store
	st.hold(f.node, f.entry)
	f.s.watchers.changed()
	came := f.s.clock.follow(func() (time.Time, <-chan struct{}) {
		at, moved := st.slotOf(rv)
		if !at.Equal(f.entry.Slot) {
			f.entry.Slot = at
			st.rehold(f.entry)
		}
		return at, moved
	}, f.r.Context().Done(), f.s.connQueue.closed)
	st.release(f.node, f.entry)
	f.entry.HeldS = f.s.clock.now().Sub(f.arrived).Seconds()
	if !came {
		f.left(rv)
		return false
	}
	st.start(rv)
	return true
}

// left ends a request whose client has left, or whose mock is closed.
func (f *fetch) left(rv *reservation) {
	f.s.store.leave(rv)
	select {
	case <-f.s.connQueue.closed:
		f.reset()
	default:
		f.refuseFailure(codeLeft)
	}
}

// refuseFailure answers for a target that failed.
func (f *fetch) refuseFailure(code string) {
	f.refuse(failed(code))
	if code == codeLeft {
		f.entry.Status = statusLeft
	}
}

// clientLeft reports whether the client has closed its side of the connection.
func (f *fetch) clientLeft() bool { return f.r.Context().Err() != nil }

func (f *fetch) keepBody() (err error) {
	if f.body == nil && f.r.Body != http.NoBody {
		f.body, err = newSpool(f.r.Body)
	}
	return err
}

// canRepeat reports whether the request can be sent to the target again.
func (f *fetch) canRepeat() bool {
	return f.r.Body == http.NoBody || f.body != nil
}

func (f *fetch) drop() {
	if f.body != nil {
		f.body.close()
	}
}

// try sends the request to the target once. X-Crawlera-Timeout bounds the target's
// silence, and not the time that the client takes to read.
func (f *fetch) try(a *targetAnswer) {
	ctx, cancel := context.WithCancelCause(f.r.Context())
	defer cancel(nil)
	limit := max(f.s.clock.real(f.want.timeout), min(minRealTimeout, f.want.timeout))
	a.ctx, a.limit = ctx, limit
	a.timer = time.AfterFunc(limit, func() { cancel(errTimeout) })
	defer a.timer.Stop()
	f.sent = time.Now()
	f.s.origin.ServeHTTP(a, f.outgoing(ctx))
	a.finish()
}

// outgoing is the request as the target sees it.
func (f *fetch) outgoing(ctx context.Context) *http.Request {
	out := f.r.WithContext(ctx)
	u := *f.to
	u.User = nil
	out.URL = &u
	out.RequestURI = u.RequestURI()
	if f.conn.tunnel == nil || out.Host == "" {
		out.Host = u.Host
	}
	out.RemoteAddr = f.node.addr
	out.Header = f.targetHeader()
	out.TLS = nil
	if u.Scheme == "https" {
		if out.TLS = f.r.TLS; out.TLS == nil {
			out.TLS = &tls.ConnectionState{HandshakeComplete: true, ServerName: u.Hostname()}
		}
	}
	if f.body != nil {
		out.Body = f.body.reader()
		out.ContentLength = f.body.size
	}
	return out
}

// label adds the service's own headers to an answer of the target.
func (f *fetch) label(h http.Header) {
	if len(h["Date"]) == 0 {
		h["Date"] = []string{f.s.date()}
	}
	if f.s.cfg.isZyte() {
		f.identify(h)
		return
	}
	h["X-Crawlera-Version"] = []string{version}
	h["X-Crawlera-Slave"] = []string{f.node.addr}
	if f.session != nil {
		f.echo(h)
		f.tellWait(h, true)
	}
	if f.want.debugTime {
		h["X-Crawlera-Debug-Request-Time"] = []string{strconv.FormatFloat(time.Since(f.sent).Seconds(), 'f', 6, 64)}
	}
	if f.want.debugUA {
		h["X-Crawlera-Debug-UA"] = []string{f.agent}
	}
}
