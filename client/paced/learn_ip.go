package paced

import (
	"context"
	"errors"
	"time"

	"smp/client"
	"smp/client/ledger"
)

// sessionTimeout is the default limit of a call of the sessions API.
const sessionTimeout = time.Minute

// calling bounds a call of the sessions API made on a request's behalf.
func (f *Fetcher) calling(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := f.SessionTimeout
	if limit <= 0 {
		limit = sessionTimeout
	}
	return context.WithTimeoutCause(ctx, limit, &TimeoutError{After: limit})
}

// Wait bounds the wait for another process that is busy with what, and tells of a
// long one.
func (f *Fetcher) Wait(limit time.Duration, what string) ledger.Wait {
	return ledger.Wait{Max: limit, Told: func() { f.notify(WaitingForProcess{Doing: what}) }}
}

// learnIP asks the service for the outgoing IPs before the first request of a
// session whose IP is unknown. It asks only if the session could share its IP with
// another in use. Without an answer the session is paced by its ID. Only a
// neighbour that asks for longer than this request may wait is an error, since the
// neighbour's answer is to come.
func (f *Fetcher) learnIP(ctx context.Context, lane *Lane, pace ledger.Pace) error {
	session := lane.id()
	if session == "" || lane.IPAsked || pace.Unpaced || pace.Delay <= 0 || !f.service().SessionsAPI {
		return nil
	}
	err := f.askForIP(ctx, session, pace)
	if _, busy := errors.AsType[*ledger.BusyError](err); busy {
		return err
	}
	if err != nil {
		f.notify(PacedByID{Session: session, Err: err})
	}
	return nil
}

// askForIP asks once for all who need an answer now. Who came while another was
// asking may have come too late for that answer, and asks again.
func (f *Fetcher) askForIP(ctx context.Context, session string, pace ledger.Pace) error {
	limited, cancel := f.calling(ctx)
	defer cancel()
	const what = "sessions"
	wait := f.Wait(pace.Patience, "asking the service for its sessions")
	for asked := false; !asked; {
		needed, err := f.Ledger.NeedsIP(session, pace.Delay)
		if err != nil || !needed {
			return err
		}
		err = f.asking.do(limited, what, wait, func() error {
			return f.Ledger.Once(limited, what, wait, func(ctx context.Context) error {
				asked = true
				return f.LearnIPs(ctx)
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// LearnIPs asks the service once for the outgoing IPs of all sessions. It writes down
// those of the sessions that this machine knows.
func (f *Fetcher) LearnIPs(ctx context.Context) error {
	if !f.service().SessionsAPI {
		return nil
	}
	ips, err := f.listIPs(ctx)
	if err != nil {
		return err
	}
	return f.Ledger.Learn(ips)
}

// listIPs asks the service for the outgoing IPs of all sessions, by their ids.
func (f *Fetcher) listIPs(ctx context.Context) (map[string]string, error) {
	ctx, cancel := f.calling(ctx)
	defer cancel()
	listed, err := f.Client.ListSessions(ctx)
	return ipsByID(listed), err
}

func ipsByID(sessions []client.Session) map[string]string {
	ips := make(map[string]string, len(sessions))
	for _, s := range sessions {
		if s.IP != "" {
			ips[s.ID] = s.IP
		}
	}
	return ips
}
