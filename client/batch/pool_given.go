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

// resolve finds a session that was given. Where that fails its turn comes again.
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
	ticker := time.NewTicker(max(p.delay()/20, time.Millisecond))
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

// retire deletes the banned session that a name was bound to before: nothing leads
// to it any more. Where somebody still uses it, by its id, it is theirs.
func (p *pool) retire(id string) {
	s, _, err := p.Fetcher.Ledger.Session(id)
	if err == nil && s.InUse {
		return
	}
	if err == nil {
		err = errors.Join(p.own(id), p.Fetcher.Ledger.MarkDead(id))
	}
	if err != nil {
		p.notify(Trouble{Err: err})
		return
	}
	p.deleteNow(id)
}
