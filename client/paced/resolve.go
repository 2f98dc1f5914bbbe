package paced

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"smp/client"
	"smp/client/ledger"
)

// UnknownNameError says that a name is bound to no session.
type UnknownNameError struct{ Name string }

func (e *UnknownNameError) Error() string { return fmt.Sprintf("no session is named @%s", e.Name) }

// resolve gives the session a request of ref goes out in. A name that is not bound
// yet gets a new session, one for all who ask at once. stale is the dead session
// that the caller knows the name by, or empty.
func (f *Fetcher) resolve(ctx context.Context, ref Ref, stale string, delay, maxWait time.Duration) (session Ref, made bool, err error) {
	if ref.Kind != RefName {
		return ref, false, nil
	}
	limited, cancel := f.calling(ctx)
	defer cancel()
	id, made, err := f.Ledger.Bind(limited, ledger.Binding{
		Name: ref.Value, Stale: stale, Delay: f.ReplaceEvery(delay),
		Wait: f.Wait(maxWait, "creating the session of @"+ref.Value),
	}, f.NewSession)
	return Ref{Kind: RefID, Value: id}, made, err
}

// replaceInterval is the least time between two replacements of a name's session,
// however short the delay is. Who says that a session is dead may be wrong each time.
const replaceInterval = 12 * time.Second

// ReplaceEvery is the least time between two replacements of a name's session whose
// requests keep the delay.
func (f *Fetcher) ReplaceEvery(delay time.Duration) time.Duration {
	return max(delay, f.scaled(replaceInterval))
}

// Resolve gives the session, an id, that a name stands for; any other ref is itself. A
// name that is bound to no session, or to stale, gets a new one, as in [Fetcher.Fetch].
func (f *Fetcher) Resolve(ctx context.Context, ref Ref, stale string, delay time.Duration) (Ref, error) {
	if err := f.check(); err != nil {
		return Ref{}, err
	}
	session, _, err := f.resolve(ctx, ref, stale, delay, -1)
	return session, err
}

// replace gives the session that takes the place of a dead one.
func (f *Fetcher) replace(ctx context.Context, ref Ref, dead string, delay, maxWait time.Duration) (session Ref, made bool, err error) {
	if ref.Kind == RefName {
		return f.resolve(ctx, ref, dead, delay, maxWait)
	}
	created, err := f.NewSession(ctx)
	return Ref{Kind: RefID, Value: created.ID}, err == nil, err
}

// Retire ends a session that a name has left, since nothing leads to it any more. Where
// somebody still uses it, by its id, it is theirs. end deletes it at the service; a
// failure to do so is told as [SessionNotDeleted].
func (f *Fetcher) Retire(ctx context.Context, id string, end func(ctx context.Context, id string) error) {
	s, _, err := f.Ledger.Session(id)
	if err == nil && s.InUse {
		return
	}
	if err == nil {
		err = end(ctx, id)
	}
	if failed := asClientError(err); err != nil && (failed == nil || failed.Class != client.SessionDead) {
		f.notify(SessionNotDeleted{Session: id, Err: err})
	}
}

func (f *Fetcher) deleteSession(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, abandonTimeout)
	defer cancel()
	return f.Client.DeleteSession(ctx, id)
}

// NewSession has the service make a session, and writes it down before anybody uses
// it. One that cannot be written down is not kept.
func (f *Fetcher) NewSession(ctx context.Context) (ledger.Session, error) {
	created, err := f.MakeSession(ctx)
	if err != nil {
		return ledger.Session{}, err
	}
	session := ledger.Session{ID: created.ID, IP: created.IP, Mine: true}
	if err := f.writeDown(ctx, session); err != nil {
		return ledger.Session{}, err
	}
	return session, nil
}

// MakeSession has the service make a session, for callers that make many. It must not be
// used before [Fetcher.Enlist] has written it down.
func (f *Fetcher) MakeSession(ctx context.Context) (client.Session, error) {
	if err := f.check(); err != nil {
		return client.Session{}, err
	}
	ctx, cancel := f.calling(ctx)
	defer cancel()
	return f.Client.CreateSession(ctx)
}

// Enlist writes down sessions that the service has just made, in one go. Where
// requests that keep the delay have to know their outgoing IPs, it asks for all of
// them at once, and listed says so. Where the service does not tell, a session is
// paced by its ID.
func (f *Fetcher) Enlist(ctx context.Context, made []client.Session, delay time.Duration) (listed bool, err error) {
	ips := map[string]string{}
	if listed = len(made) > 1 && delay > 0 && f.service().SessionsAPI; listed {
		if ips, err = f.listIPs(ctx); err != nil {
			f.notify(PacedByID{Session: made[0].ID, Err: err})
		}
	}
	sessions := make([]ledger.Session, len(made))
	for i, s := range made {
		sessions[i] = ledger.Session{ID: s.ID, IP: cmp.Or(s.IP, ips[s.ID]), Mine: true}
	}
	return listed, f.Ledger.AddAll(sessions)
}

// writeDown records a session that the service has made. One that cannot be written
// down is deleted again, since nobody would find it in the ledger, or told at least.
func (f *Fetcher) writeDown(ctx context.Context, s ledger.Session) error {
	err := f.Ledger.Add(s)
	if err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abandonTimeout)
	defer cancel()
	if failed := f.Client.DeleteSession(ctx, s.ID); failed != nil {
		f.notify(SessionNotDeleted{Session: s.ID, Err: failed})
	}
	return err
}

const abandonTimeout = 5 * time.Second

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
	if session == "" || lane.Listed || pace.Unpaced || pace.Delay <= 0 || !f.service().SessionsAPI {
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
