package mock

import (
	"math/rand/v2"
	"sync"
	"time"
)

// store holds the sessions and the outgoing IPs of the service. Its one lock is
// held for arithmetic only, never while a request waits.
type store struct {
	cfg   Config
	clock *clock

	mu       sync.Mutex
	rng      *rand.Rand
	pool     ipPool
	ids      idSequence
	bound    uint32 // sessions that were given an IP so far
	sessions map[string]*session
	nodes    map[string]*node // by IP, those that were ever used
	audit    audit
	waiting  map[int64]Entry // requests that are held, by number
	since    time.Time       // the start, or the last reset

	ended      map[string]ending // by ID, the sessions of Zyte API that have ended
	requestIDs *rand.Rand
}

// session is bound to one outgoing IP until it ends.
type session struct {
	id       string
	node     *node
	created  time.Time
	used     time.Time
	inFlight int
	requests int64
	banned   bool
	bans     int  // in a row, of Zyte API's
	ended    bool // deleted or expired

	pace pace
}

func newStore(cfg Config, clock *clock) *store {
	st := &store{cfg: cfg, clock: clock, waiting: make(map[int64]Entry)}
	st.reset()
	return st
}

// reset forgets everything but which IDs were given out.
func (st *store) reset() {
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, s := range st.sessions {
		s.ended = true
	}
	for _, n := range st.nodes {
		n.release()
	}
	st.rng = rand.New(rand.NewPCG(uint64(st.cfg.Seed), 1))
	st.pool = newIPPool(st.cfg.IPs, st.rng)
	if st.ids.step == 0 { // never made anew: no ID is given out twice
		st.ids = newIDSequence(st.rng)
	}
	st.bound = 0
	st.sessions = make(map[string]*session)
	st.nodes = make(map[string]*node)
	st.audit = audit{}
	st.since = st.clock.now()
	st.ended = make(map[string]ending)
	st.requestIDs = rand.New(rand.NewPCG(uint64(st.cfg.Seed), 3))
}

// create makes a session, or returns nil at the limit. Its IP is chosen here
// and not at the first use, so that a list can name it.
func (st *store) create() *session {
	st.mu.Lock()
	defer st.mu.Unlock()
	now := st.clock.now()
	if len(st.sessions) >= st.cfg.SessionLimit {
		st.expire(now)
	}
	if len(st.sessions) >= st.cfg.SessionLimit {
		return nil
	}
	id := ""
	if st.cfg.isZyte() {
		id = newUUID4(st.rng)
	} else {
		id = st.ids.next()
	}
	return st.begun(id, now)
}

// begun is a session that begins now.
func (st *store) begun(id string, now time.Time) *session {
	s := &session{id: id, node: st.node(st.bound), created: now, used: now}
	st.bound++
	s.node.sessions[s] = struct{}{}
	st.sessions[s.id] = s
	return s
}

// node returns the outgoing IP number i.
func (st *store) node(i uint32) *node {
	addr := st.pool.nth(i)
	ip := addr.Addr().String()
	n := st.nodes[ip]
	if n == nil {
		n = &node{ip: ip, addr: addr.String(), sessions: make(map[*session]struct{})}
		st.nodes[ip] = n
	}
	return n
}

// anyNode counts a request outside sessions at an outgoing IP of its own.
func (st *store) anyNode() *node {
	st.mu.Lock()
	defer st.mu.Unlock()
	n := st.node(st.rng.Uint32N(st.pool.size))
	n.requests++
	return n
}

// begin finds a live session and keeps it alive until end.
func (st *store) begin(id string) *session {
	st.mu.Lock()
	defer st.mu.Unlock()
	s := st.live(id, st.clock.now())
	if s != nil {
		st.occupy(s)
	}
	return s
}

// beginNew is create, and keeps the session alive until end.
func (st *store) beginNew() *session {
	s := st.create()
	if s != nil {
		st.mu.Lock()
		defer st.mu.Unlock()
		st.occupy(s)
	}
	return s
}

func (st *store) occupy(s *session) {
	s.inFlight++
	s.requests++
	s.used = st.clock.now()
}

func (st *store) end(s *session) {
	st.mu.Lock()
	defer st.mu.Unlock()
	s.inFlight--
	if st.countsFromAnswer() {
		s.used = st.clock.now()
	}
}

// live is the session of that ID unless it has expired.
func (st *store) live(id string, now time.Time) *session {
	s := st.sessions[id]
	if s != nil && st.expired(s, now) {
		st.remove(s)
		return nil
	}
	return s
}

func (st *store) expired(s *session, now time.Time) bool {
	if st.cfg.SessionMaxAge > 0 && now.Sub(s.created) >= st.cfg.SessionMaxAge {
		return true
	}
	if s.inFlight > 0 && st.countsFromAnswer() {
		return false
	}
	return st.cfg.SessionTTL > 0 && now.Sub(s.used) >= st.cfg.SessionTTL
}

// countsFromAnswer reports whether a session's idle time begins with an answer.
func (st *store) countsFromAnswer() bool { return !st.cfg.isZyte() || st.cfg.IdleFromAnswer }

func (st *store) expire(now time.Time) {
	for _, s := range st.sessions {
		if st.expired(s, now) {
			st.remove(s)
		}
	}
}

func (st *store) remove(s *session) {
	s.ended = true
	if st.cfg.isZyte() {
		st.retire(s.id, ending{at: st.endOf(s)})
	}
	delete(st.sessions, s.id)
	delete(s.node.sessions, s)
}

// delete ends a session and reports whether it was there.
func (st *store) delete(id string) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	s := st.live(id, st.clock.now())
	if s == nil {
		return false
	}
	st.remove(s)
	return true
}

// condition reports whether a session has ended or was banned.
func (st *store) condition(s *session) (ended, banned bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	return s.ended, s.banned
}

// ban makes every further request in a session fail with a ban.
func (st *store) ban(s *session) {
	st.mu.Lock()
	defer st.mu.Unlock()
	s.banned = true
}

// list returns the live sessions with their IPs. From now on the client counts as
// knowing these IPs.
func (st *store) list() map[string]string {
	st.mu.Lock()
	defer st.mu.Unlock()
	now := st.clock.now()
	st.expire(now)
	ips := make(map[string]string, len(st.sessions))
	for id, s := range st.sessions {
		s.pace.name(now)
		ips[id] = s.node.ip
		if st.cfg.ListPorts {
			ips[id] = s.node.addr
		}
	}
	return ips
}
