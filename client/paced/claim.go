package paced

import (
	"context"
	"time"

	"smp/client"
	"smp/client/ledger"
)

// claimTime is how long requests without a delay follow one another before the
// ledger is looked at again. Somebody who keeps a delay with the same IP waits so
// much longer at most.
const claimTime = 250 * time.Millisecond

// claim is the right, written in the ledger, to send requests without a delay in a
// session and without a ticket each.
type claim struct {
	session string
	ip      string // as far as known when the claim was staked
	until   time.Time
	further int // requests sent under it
}

// covers says whether the lane's next request needs no ticket.
func (c *claim) covers(lane *Lane, pace Pace) bool {
	return c.session != "" && c.session == lane.Session && pace.Delay <= 0 && time.Now().Before(c.until)
}

// stake makes a request without a delay claim the time after it, where its answer
// lets more of them follow.
func (f *Fetcher) stake(lane *Lane, pace Pace, feedback *ledger.Feedback) {
	if lane.claim.session == lane.Session {
		feedback.Further = lane.claim.further
	}
	lane.claim = claim{}
	if pace.Delay > 0 || paceKey(lane.Session) == "" || feedback.Postpone > 0 {
		return
	}
	feedback.Claim = scaled(claimTime, f.Scale)
	lane.claim = claim{session: lane.Session, ip: feedback.IP, until: time.Now().Add(feedback.Claim)}
}

// attemptClaimed is an attempt under the lane's claim.
func (f *Fetcher) attemptClaimed(ctx context.Context, req *client.Request, pace Pace, lane *Lane) (*Answer, error) {
	answer := &Answer{}
	conn, err := lane.connect(ctx, f.Client, req.URL)
	if err != nil {
		return answer, err
	}
	answer.Sent = true
	sent := *req
	sent.Session = lane.Session
	answer.Response, err = exchange(ctx, conn, &sent, pace.Timeout)
	answer.Service = serviceOf(answer.Response, err)
	if lane.claim.outdated(answer, err) {
		f.recordClaimed(lane, answer, err, pace)
	} else {
		lane.claim.further++
	}
	return answer, err
}

// outdated says whether an answer came when the claim had ended, or tells what the
// ledger does not know.
func (c *claim) outdated(answer *Answer, err error) bool {
	s := answer.Service
	return err != nil || s.IP != "" && s.IP != c.ip || s.NextRequestIn > 0 || s.RetryAfter > 0 || time.Now().After(c.until)
}

// recordClaimed writes down an answer as if its request had had a ticket.
func (f *Fetcher) recordClaimed(lane *Lane, answer *Answer, err error, pace Pace) {
	ticket, reserveErr := f.Ledger.Reserve(lane.Session, ledger.Pace{MaxWait: -1, Unpaced: true})
	if reserveErr != nil {
		f.trouble(reserveErr)
		return
	}
	defer ticket.Cancel()
	if startErr := ticket.Start(context.Background(), nil); startErr != nil {
		f.trouble(startErr)
		return
	}
	f.record(ticket, lane, answer, err, pace)
}
