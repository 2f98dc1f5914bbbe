package paced

import (
	"cmp"
	"context"
	"time"

	"smp/client"
	"smp/client/ledger"
)

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
// them at once, and asked says so. Where the service does not tell, a session is
// paced by its ID.
func (f *Fetcher) Enlist(ctx context.Context, made []client.Session, delay time.Duration) (asked bool, err error) {
	ips := map[string]string{}
	if asked = len(made) > 1 && delay > 0 && f.service().SessionsAPI; asked {
		if ips, err = f.listIPs(ctx); err != nil {
			f.notify(PacedByID{Session: made[0].ID, Err: err})
		}
	}
	sessions := make([]ledger.Session, len(made))
	for i, s := range made {
		sessions[i] = ledger.Session{ID: s.ID, IP: cmp.Or(s.IP, ips[s.ID]), Mine: true}
	}
	return asked, f.Ledger.AddAll(sessions)
}

// writeDown records a session that the service has made. One that cannot be written
// down is deleted again, since nobody would find it in the ledger, or told at least.
func (f *Fetcher) writeDown(ctx context.Context, s ledger.Session) error {
	err := f.Ledger.Add(s)
	if err == nil {
		return nil
	}
	if failed := f.deleteSession(context.WithoutCancel(ctx), s.ID); failed != nil {
		f.notify(SessionNotDeleted{Session: s.ID, Err: failed})
	}
	return err
}

const abandonTimeout = 5 * time.Second

func (f *Fetcher) deleteSession(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, abandonTimeout)
	defer cancel()
	return f.Client.DeleteSession(ctx, id)
}
