package batch

import (
	"context"
	"errors"
	"sync"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/client/paced"
)

// pool is the run's sessions: those that it was given and those that it makes.
type pool struct {
	*Batch
	hard context.Context
	log  *sessionLog

	mu    sync.Mutex
	given []origin // without a worker: not yet opened, or lost and to be opened anew
	spare []string // left by an earlier run, without a worker
	mine  map[string]struct{}
}

// origin is the ref of Given that a session belongs to. A session which the run
// made has the zero value.
type origin struct {
	ref   paced.Ref
	stale string // the dead session that a name was bound to
	alive bool   // stale is banned, but lives at the service
}

// poolSession is a session in the pool.
type poolSession struct {
	origin
	id      string
	mine    bool
	ipAsked bool   // the service was asked for its outgoing IP
	ip      string // as far as known when it was made
	release func() // ends "this session is in use"
}

func newPool(b *Batch, hard context.Context, r *sessionLog) *pool {
	r.serve(b.Service)
	p := &pool{Batch: b, hard: hard, log: r, mine: map[string]struct{}{}}
	for _, ref := range b.Given {
		p.given = append(p.given, origin{ref: ref})
	}
	return p
}

// open brings a session to the pool: a given one, one that an earlier run left, or a new
// one, which is sessionMade. Before a long wait it calls waits; it gives up when soft ends.
func (p *pool) open(soft context.Context, waits func()) event {
	waited := false
	s, made, err := p.take(soft, func() { waited = true; waits() })
	if err == nil && made {
		return event{kind: sessionMade, sessions: []*poolSession{s}}
	}
	if err == nil {
		s.release, err = p.Fetcher.Ledger.Use(s.id)
	}
	if err != nil {
		p.notifyInDoubt(err)
		return event{kind: sessionOpen, waited: waited, problem: err}
	}
	return event{kind: sessionOpen, waited: waited, sessions: []*poolSession{s}}
}

// enlist writes down sessions that were made, so that they can be used.
func (p *pool) enlist(group []*poolSession) event {
	made := make([]client.Session, len(group))
	for i, s := range group {
		made[i] = client.Session{ID: s.id, IP: s.ip}
	}
	asked, err := p.Fetcher.Enlist(p.hard, made, p.delay())
	for _, s := range group {
		if err == nil {
			s.ipAsked = asked
			s.release, err = p.Fetcher.Ledger.Use(s.id)
		}
	}
	if err != nil {
		return event{kind: sessionsRecorded, problem: err}
	}
	return event{kind: sessionsRecorded, sessions: group}
}

// notifyInDoubt notifies of a session that may exist unknown: the service was asked for one and
// its answer did not come.
func (p *pool) notifyInDoubt(err error) {
	failed, ok := errors.AsType[*client.Error](err)
	if ok && failed.Class == client.Network && !failed.Unsent() {
		p.notify(SessionInDoubt{Err: err})
	}
}

func (p *pool) take(soft context.Context, waits func()) (s *poolSession, made bool, err error) {
	p.mu.Lock()
	if len(p.given) > 0 {
		from := p.given[0]
		p.given = p.given[1:]
		p.mu.Unlock()
		s, err = p.resolve(soft, from, waits)
		return s, false, err
	}
	if len(p.spare) > 0 {
		id := p.spare[0]
		p.spare = p.spare[1:]
		p.mu.Unlock()
		return &poolSession{id: id, mine: true}, false, nil
	}
	p.mu.Unlock()
	s, err = p.make()
	return s, true, err
}

func (p *pool) giveBack(from origin) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.given = append(p.given, from)
}

// make has the service make a session. From now on the run has to delete it.
func (p *pool) make() (*poolSession, error) {
	made, err := p.Fetcher.MakeSession(p.hard)
	if err != nil {
		return nil, err
	}
	p.count.made()
	return &poolSession{id: made.ID, ip: made.IP, mine: true}, p.own(made.ID)
}

// own writes down that the run has to delete a session.
func (p *pool) own(id string) error {
	p.mu.Lock()
	p.mine[id] = struct{}{}
	p.mu.Unlock()
	return p.log.made(id)
}

// delay is the default delay: a name has no host.
func (p *pool) delay() time.Duration { return p.Fetcher.Delay(&p.Job, "") }

// remove takes a session out of the pool. A lost session that the run made is deleted at
// once, so that it does not count against the account's limit.
func (p *pool) remove(s *poolSession, why error) {
	s.release()
	if why == errOver {
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
		p.giveBack(origin{ref: s.ref, stale: s.id, alive: refused != nil && refused.Banned()})
	}
}

// adopt takes over the sessions that a killed run left. Those that may still live, and
// keep the region of this run, are used before any is made; the others are deleted.
// Sessions of another service stay in the log.
func (p *pool) adopt() {
	left, foreign := p.log.leftover()
	used := 0
	var extra []string
	for _, id := range left {
		s, known, err := p.Fetcher.Ledger.Session(id)
		if err != nil || s.InUse { // or nobody can say
			used++
			continue
		}
		p.mine[id] = struct{}{}
		if len(p.Given) == 0 && len(p.spare) < p.size() && known && lives(s) && s.Region == p.Region {
			p.spare = append(p.spare, id)
		} else {
			extra = append(extra, id)
		}
	}
	p.tellAdopted(foreign, used)
	ctx, cancel := context.WithTimeout(p.hard, closeTime)
	defer cancel()
	p.deleteAll(ctx, extra, nil) // tried again at the end of the run
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
