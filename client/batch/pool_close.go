package batch

import (
	"context"
	"errors"
	"sync"
	"time"

	"smp/client"
)

// deleteNow deletes a session while the run goes on. A deletion that fails is
// tried again at the end.
func (p *pool) deleteNow(id string) {
	ctx, cancel := context.WithTimeout(p.hard, hasteTime)
	defer cancel()
	_ = p.delete(ctx, id)
}

// closeTime bounds the deleting of the sessions at the end of a run. hasteTime
// bounds it where the run is interrupted, and for a session that leaves before
// the end.
const (
	closeTime = time.Minute
	hasteTime = 6 * time.Second
)

// close deletes the sessions that the run made.
func (p *pool) close(ctx context.Context) {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(hasteTime, cancel) })()
	p.mu.Lock()
	var ids []string
	for id := range p.mine {
		ids = append(ids, id)
	}
	p.mu.Unlock()
	p.deleteAll(limited, ids, func(id string, err error) {
		p.count.kept()
		p.notify(SessionKept{ID: id, Err: err})
	})
}

// maxDeleting bounds the sessions that are deleted at once.
const maxDeleting = 32

// deleteAll calls kept, which may be nil, for each session that it could not
// delete.
func (p *pool) deleteAll(ctx context.Context, ids []string, kept func(id string, err error)) {
	var group sync.WaitGroup
	places := make(chan struct{}, maxDeleting)
	for _, id := range ids {
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			if err := p.delete(ctx, id); err != nil && kept != nil {
				kept(id, err)
			}
		})
	}
	group.Wait()
}

func (p *pool) delete(ctx context.Context, id string) error {
	if err := p.askToDelete(ctx, id); err != nil {
		return err
	}
	p.mu.Lock()
	delete(p.mine, id)
	p.mu.Unlock()
	if err := errors.Join(p.log.gone(id), p.Fetcher.Ledger.Forget(id)); err != nil {
		p.notify(Trouble{Err: err})
	}
	return nil
}

// maxTries bounds the requests for the end of one session.
const maxTries = 5

// askToDelete returns nil once the session is gone. Asking again does no harm.
func (p *pool) askToDelete(ctx context.Context, id string) error {
	for try := 0; ; try++ {
		err := p.Fetcher.Client.DeleteSession(ctx, id)
		failed, ok := errors.AsType[*client.Error](err)
		switch {
		case err == nil, ok && failed.Class == client.SessionDead:
			return nil
		case !ok, !failed.Repeatable(), try+1 == maxTries, ctx.Err() != nil:
			return err
		}
		select {
		case <-time.After(p.Fetcher.BackOff(try)):
		case <-ctx.Done():
			return err
		}
	}
}
