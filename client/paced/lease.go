package paced

import (
	"context"
	"time"

	"smp/client"
	"smp/client/ledger"
)

// leaseTime is how long requests without a delay follow one another before the
// ledger is looked at again. Somebody who keeps a delay with the same IP waits so
// much longer at most.
const leaseTime = 250 * time.Millisecond

// lease is the right, written in the ledger, to send requests without a delay in a
// session and without a ticket each.
type lease struct {
	session    string
	host       string // whose gate is free
	region     string // that the session was asked for
	ip         string // as far as known when the lease was taken
	until      time.Time
	unrecorded int // requests sent under it
}

// covers reports whether the lane's next request needs no ticket.
func (l *lease) covers(lane *Lane, pace pace) bool {
	return l.session != "" && l.session == lane.id() && pace.Delay <= 0 && pace.Region == l.region && time.Now().Before(l.until)
}

// reaches reports whether a request to host may be sent under the lease. The host's
// gate must be free, as the gate of the lease's own host was.
func (f *Fetcher) reaches(l *lease, host string) bool {
	if l.host == host {
		return true
	}
	gate, delay := f.hostGate(host)
	if delay > 0 {
		return false
	}
	if f.service().Limits {
		if free, err := f.Ledger.Free(gate); err != nil || !free {
			return false
		}
	}
	l.host = host
	return true
}

// renew leases the time after a request without a delay, where the lane asks for
// that and the answer lets more requests follow.
func (f *Fetcher) renew(lane *Lane, host string, pace pace, held bool, feedback *ledger.Feedback) {
	if lane.lease.session != "" && lane.lease.session == lane.id() {
		feedback.UnrecordedRequests = lane.lease.unrecorded
	}
	lane.lease = lease{}
	if !lane.Lease || pace.Delay > 0 || lane.id() == "" || feedback.Postpone > 0 || f.spaced(host) {
		return
	}
	feedback.Lease = f.scaled(leaseTime)
	lane.lease = lease{session: lane.id(), region: pace.Region, ip: feedback.IP, until: time.Now().Add(feedback.Lease)}
	if !held {
		lane.lease.host = host
	}
}

// attemptLeased is an attempt under the lane's lease.
func (f *Fetcher) attemptLeased(ctx context.Context, req *client.Request, pace pace, lane *Lane) (*answer, error) {
	answer := &answer{}
	conn, err := f.connect(ctx, lane, req)
	if err != nil {
		return answer, err
	}
	answer.Sent = true
	sent := *req
	sent.Session = lane.id()
	sent.OnWrite = lane.onWrite(req)
	answer.Response, err = lane.exchange(ctx, conn, &sent, pace.Timeout)
	answer.Response, err = f.checked(lane, answer.Response, err)
	answer.Service = serviceOf(answer.Response, err)
	if lane.lease.outdated(answer, err) {
		f.recordLeased(ctx, lane, answer, err, pace, req.URL.Hostname())
	} else {
		lane.lease.unrecorded++
	}
	return answer, err
}

// outdated reports whether an answer came when the lease had ended, or tells what the
// ledger does not know.
func (l *lease) outdated(answer *answer, err error) bool {
	s := answer.Service
	return err != nil || s.IP != "" && s.IP != l.ip || s.NextRequestIn > 0 || s.RetryAfter > 0 || time.Now().After(l.until)
}

// recordLeased writes down an answer as if its request had had a ticket.
func (f *Fetcher) recordLeased(ctx context.Context, lane *Lane, answer *answer, err error, pace pace, host string) {
	ticket, reserveErr := f.Ledger.Reserve(lane.id(), ledger.Pace{Patience: ledger.NoLimit, Unpaced: true})
	if reserveErr != nil {
		f.trouble(reserveErr)
		return
	}
	defer ticket.Cancel()
	if startErr := ticket.Start(context.Background(), nil); startErr != nil {
		f.trouble(startErr)
		return
	}
	_ = f.record(ctx, ticket, lane, answer, err, pace, host) // no session is made under a lease
}

// settle counts the requests of a lease that ends without a request behind it.
func (f *Fetcher) settle(l *lease) {
	if l.unrecorded > 0 {
		f.trouble(f.Ledger.CountRequests(l.session, l.unrecorded))
	}
	*l = lease{}
}
