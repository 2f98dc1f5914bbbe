package batch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"smp/client"
	"smp/client/ledger"
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

// adopt takes over the sessions that a killed run left: those that may still live
// are used before any is made, the others are deleted. What belongs to others stays
// on the roster.
func (p *pool) adopt() {
	left, foreign := p.roster.left()
	used := 0
	var extra []string
	for _, id := range left {
		s, known, err := p.Fetcher.Ledger.Session(id)
		if err != nil || s.InUse { // or nobody can say
			used++
			continue
		}
		p.mine[id] = struct{}{}
		if len(p.Given) == 0 && len(p.spare) < p.size() && known && lives(s) {
			p.spare = append(p.spare, id)
		} else {
			extra = append(extra, id)
		}
	}
	p.tellAdopted(foreign, used)
	p.deleteAll(p.hard, extra, nil)
}

func lives(s ledger.Session) bool {
	return !s.Dead && (s.ExpiresAt.IsZero() || s.ExpiresAt.After(time.Now()))
}

func (p *pool) tellAdopted(foreign, used int) {
	p.count.adopted(len(p.spare))
	if len(p.spare) > 0 {
		p.notify(Adopted{Sessions: len(p.spare)})
	}
	if foreign > 0 {
		p.notify(LeftAlone{Sessions: foreign, Err: ErrForeign})
	}
	if used > 0 {
		p.notify(LeftAlone{Sessions: used, Err: ErrInUse})
	}
}

// open gives a lane: of a session that was given, of one that an earlier run left,
// or of a new one.
// It may have to wait for that, then calls waits, and gives up when soft ends.
func (p *pool) open(soft context.Context, waits func()) (*lane, error) {
	s, err := p.take(soft, waits)
	if err != nil {
		p.doubt(err)
		return nil, err
	}
	if s.release, err = p.Fetcher.Ledger.Use(s.id); err != nil {
		return nil, err
	}
	return &lane{seat: s, Lane: paced.Lane{Session: s.id}}, nil
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

// resolve finds a session that was given. Where that fails its turn comes again.
func (p *pool) resolve(soft context.Context, from place, waits func()) (*seat, error) {
	id, err := p.Fetcher.Resolve(p.hard, from.ref, from.stale, p.delay())
	if errors.Is(err, ledger.ErrReplacedTooSoon) {
		p.notify(NoSession{Err: fmt.Errorf("%s: %w", from.ref, err)})
		waits()
		id, err = p.resolveLater(soft, from)
	}
	if err != nil {
		p.giveBack(from)
		return nil, err
	}
	if from.alive {
		p.retire(from.stale)
	}
	return &seat{place: from, id: id}, nil
}

// resolveLater waits until a name's session may be replaced again. It asks now and
// then: when the last one was replaced only the ledger knows, and another process
// may replace it meanwhile.
func (p *pool) resolveLater(soft context.Context, from place) (id string, err error) {
	ticker := time.NewTicker(max(p.delay()/20, time.Millisecond))
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-soft.Done():
			return "", context.Cause(soft)
		}
		id, err = p.Fetcher.Resolve(p.hard, from.ref, from.stale, p.delay())
		if !errors.Is(err, ledger.ErrReplacedTooSoon) {
			return id, err
		}
	}
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
func (p *pool) delay() time.Duration {
	if p.Job.Delay == nil {
		return 0
	}
	return p.Job.Delay("")
}

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

// retire deletes the banned session that a name was bound to before: nothing leads
// to it any more. Where somebody still uses it, by its id, it is theirs.
func (p *pool) retire(id string) {
	s, _, err := p.Fetcher.Ledger.Session(id)
	if err == nil && s.InUse {
		return
	}
	if err == nil {
		err = p.own(id)
	}
	if err != nil {
		p.notify(Trouble{Err: err})
		return
	}
	p.deleteNow(id)
}

// deleteNow deletes a session while the run goes on. Where that fails it is tried
// again at the end.
func (p *pool) deleteNow(id string) {
	ctx, cancel := context.WithTimeout(p.hard, hasteTime)
	defer cancel()
	_ = p.delete(ctx, id)
}

// closeTime bounds the deleting of the sessions at the end of a run, hasteTime that
// of one that is interrupted and of a session before the end.
const (
	closeTime = time.Minute
	hasteTime = 6 * time.Second
)

// close deletes the sessions that the run made.
func (p *pool) close(ctx context.Context) {
	limit := closeTime
	if ctx.Err() != nil {
		limit = hasteTime
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	p.mu.Lock()
	var ids []string
	for id := range p.mine {
		ids = append(ids, id)
	}
	p.mu.Unlock()
	p.deleteAll(ctx, ids, func(id string, err error) {
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
	if err := errors.Join(p.roster.gone(id), p.Fetcher.Ledger.Forget(id)); err != nil {
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
		case <-time.After(rand.N(paced.BackOff(try, p.Fetcher.Scale) + 1)):
		case <-ctx.Done():
			return err
		}
	}
}
