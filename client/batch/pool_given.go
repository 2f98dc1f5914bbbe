package batch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/client/paced"
)

// resolve finds a session that was given. A session that cannot be had now gets
// another turn.
func (p *pool) resolve(soft context.Context, from origin, waits func()) (*poolSession, error) {
	session, err := p.Fetcher.Resolve(p.hard, from.ref, from.stale, p.delay())
	if errors.Is(err, ledger.ErrReplacedTooSoon) {
		p.notify(NoSession{Err: fmt.Errorf("%s: %w", from.ref, err)})
		waits()
		session, err = p.resolveLater(soft, from)
	}
	if failed, ok := errors.AsType[*client.Error](err); ok && failed.SessionLimit() && from.alive {
		p.retire(from.stale) // it may be the one too many
		from.alive = false
		session, err = p.Fetcher.Resolve(p.hard, from.ref, from.stale, p.delay())
	}
	if err != nil {
		p.giveBack(from)
		return nil, err
	}
	if from.alive {
		p.retire(from.stale)
	}
	return &poolSession{origin: from, id: session.Value}, nil
}

// resolveLater waits until a name's session may be replaced again. It asks now and
// then: when the last one was replaced only the ledger knows, and another process
// may replace it meanwhile.
func (p *pool) resolveLater(soft context.Context, from origin) (session paced.Ref, err error) {
	ticker := time.NewTicker(max(p.Fetcher.ReplaceEvery(p.delay())/20, time.Millisecond))
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-soft.Done():
			return paced.Ref{}, context.Cause(soft)
		}
		session, err = p.Fetcher.Resolve(p.hard, from.ref, from.stale, p.delay())
		if !errors.Is(err, ledger.ErrReplacedTooSoon) {
			return session, err
		}
	}
}

// retire deletes the banned session that a name was bound to before. It becomes one
// that the run made, so that the end of the run, or the next run, tries again.
func (p *pool) retire(id string) {
	p.Fetcher.Retire(p.hard, id, func(_ context.Context, id string) error {
		if err := errors.Join(p.own(id), p.Fetcher.Ledger.MarkDead(id)); err != nil {
			return err
		}
		p.deleteNow(id)
		return nil
	})
}
