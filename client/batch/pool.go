package batch

import (
	"context"
	"errors"
	"sync"
	"time"

	"smp/client"
	"smp/client/paced"
)

// pool is the run's sessions: those that it was given and those that it makes.
type pool struct {
	*Batch
	hard   context.Context
	roster *roster

	mu    sync.Mutex
	given []place  // not yet at work, or to be bound anew
	spare []string // of an earlier run, not yet at work
	mine  map[string]struct{}
}

// place is where a session comes from that the run did not make.
type place struct {
	ref   paced.Ref
	stale string // the dead session that a name was bound to
	alive bool   // stale is banned, but lives at the service
}

// seat is a session's place in the pool.
type seat struct {
	place
	id      string
	mine    bool
	release func() // ends "this session is in use"
}

func newPool(b *Batch, hard context.Context, r *roster) *pool {
	r.serve(b.Service)
	p := &pool{Batch: b, hard: hard, roster: r, mine: map[string]struct{}{}}
	for _, ref := range b.Given {
		p.given = append(p.given, place{ref: ref})
	}
	return p
}

// open gives a lane: of a session that was given, of one that an earlier run left,
// or of a new one. It may have to wait for that, then calls waits, and gives up when
// soft ends.
func (p *pool) open(soft context.Context, waits func()) (*lane, error) {
	s, err := p.take(soft, waits)
	if err != nil {
		p.doubt(err)
		return nil, err
	}
	if s.release, err = p.Fetcher.Ledger.Use(s.id); err != nil {
		return nil, err
	}
	return &lane{seat: s, Lane: paced.Lane{Session: paced.Ref{Kind: paced.RefID, Value: s.id}, Lease: true}}, nil
}

// doubt tells of a session that the service may have made all the same, when it was
// asked for one and did not come to answer.
func (p *pool) doubt(err error) {
	failed, ok := errors.AsType[*client.Error](err)
	if ok && failed.Class == client.Network && !failed.Unsent() {
		p.notify(SessionInDoubt{Err: err})
	}
}

func (p *pool) take(soft context.Context, waits func()) (*seat, error) {
	p.mu.Lock()
	if len(p.given) > 0 {
		from := p.given[0]
		p.given = p.given[1:]
		p.mu.Unlock()
		return p.resolve(soft, from, waits)
	}
	if len(p.spare) > 0 {
		id := p.spare[0]
		p.spare = p.spare[1:]
		p.mu.Unlock()
		return &seat{id: id, mine: true}, nil
	}
	p.mu.Unlock()
	return p.make(p.hard)
}

func (p *pool) giveBack(from place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.given = append(p.given, from)
}

// make has the service make a session, and writes it down before anybody uses it.
func (p *pool) make(ctx context.Context) (*seat, error) {
	made, err := p.Fetcher.NewSession(ctx)
	if made.ID == "" {
		return nil, err
	}
	p.count.made()
	if err := errors.Join(err, p.own(made.ID)); err != nil {
		return nil, err
	}
	return &seat{id: made.ID, mine: true}, nil
}

// own writes down that the run has to delete a session.
func (p *pool) own(id string) error {
	p.mu.Lock()
	p.mine[id] = struct{}{}
	p.mu.Unlock()
	return p.roster.made(id)
}

// delay is the one of names, which have no host.
func (p *pool) delay() time.Duration { return p.Fetcher.Delay(&p.Job, "") }

// leave takes a session out of the pool. One that is lost is deleted at once, if
// the run made it, so that it does not count against the limit.
func (p *pool) leave(s *seat, why error) {
	s.release()
	if why == errOver || why == nil {
		return
	}
	p.count.lost()
	p.notify(SessionLost{ID: s.id, Err: why})
	if s.mine {
		p.deleteNow(s.id)
		return
	}
	if s.ref.Kind == paced.RefName {
		refused, _ := errors.AsType[*client.Error](why)
		p.giveBack(place{ref: s.ref, stale: s.id, alive: refused != nil && refused.Banned()})
	}
}
