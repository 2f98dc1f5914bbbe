package paced

import (
	"context"
	"time"

	"smp/client"
	"smp/client/ledger"
)

// resolve gives the session a request of ref goes out in. A name that is not bound
// yet gets a new session, one for all who ask at once. stale is the dead session
// that the caller knows the name by, or empty.
func (f *Fetcher) resolve(ctx context.Context, ref Ref, stale string, delay, patience time.Duration) (session Ref, made bool, err error) {
	if ref.Kind != RefName {
		return ref, false, nil
	}
	limited, cancel := f.calling(ctx)
	defer cancel()
	id, made, err := f.Ledger.Bind(limited, ledger.Binding{
		Name: ref.Value, Stale: stale, Delay: f.ReplaceEvery(delay),
		Wait: f.Wait(patience, "creating the session of @"+ref.Value),
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
	session, _, err := f.resolve(ctx, ref, stale, delay, ledger.NoLimit)
	return session, err
}

// replace gives the session that takes the place of a dead one.
func (f *Fetcher) replace(ctx context.Context, ref Ref, dead string, delay, patience time.Duration) (session Ref, made bool, err error) {
	if ref.Kind == RefName {
		return f.resolve(ctx, ref, dead, delay, patience)
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
