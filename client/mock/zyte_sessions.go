package mock

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"time"
)

// bansToEnd is how many bans in a row end a session of Zyte API.
const bansToEnd = 3

// maxEnded is how many IDs of ended sessions are known before old ones are forgotten.
const maxEnded = 100_000

// ending is how a session of Zyte API ended.
type ending struct {
	at     time.Time
	banned bool
}

// idUse says what a client did by naming a session ID.
type idUse int

const (
	usedLive   idUse = iota // in a session that runs, or begins with this
	usedDead                // in one that has ended
	reusedDead              // a second time: the ID begins another session
	overLimit
)

// use finds the session that an ID names, or begins one, for a request that came at
// t. An ID that has ended is refused for a while, and then begins anew.
func (st *store) use(id string, t time.Time) (*session, idUse, ending) {
	st.mu.Lock()
	defer st.mu.Unlock()
	use := usedLive
	s := st.live(id, t)
	end, ended := st.ended[id]
	switch {
	case s != nil:
	case ended && st.isRefused(end, t):
		return nil, usedDead, end
	case st.full(t):
		return nil, overLimit, end
	default:
		if ended {
			use = reusedDead
		}
		s = st.begun(id, t)
	}
	st.occupy(s)
	s.used = later(t, s.created)
	return s, use, end
}

// full reports whether the key has as many sessions as it may have.
func (st *store) full(now time.Time) bool {
	if st.cfg.SessionLimit <= 0 || len(st.sessions) < st.cfg.SessionLimit {
		return false
	}
	st.expire(now)
	return len(st.sessions) >= st.cfg.SessionLimit
}

// judgeBan counts the bans in a row of a session, and ends it with the third.
func (st *store) judgeBan(s *session, banned bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if s.ended {
		return
	}
	s.bans++
	if !banned {
		s.bans = 0
	}
	if s.bans < bansToEnd {
		return
	}
	st.remove(s)
	st.retire(s.id, ending{at: st.clock.now(), banned: true})
}

// retire remembers how the session of an ID ended. Of very many IDs those are forgotten
// that are no longer refused; the verdict does not tell of their next use.
func (st *store) retire(id string, end ending) {
	if len(st.ended) >= maxEnded {
		now := st.clock.now()
		maps.DeleteFunc(st.ended, func(_ string, end ending) bool { return !st.isRefused(end, now) })
	}
	st.ended[id] = end
}

// isRefused reports whether the ID of a session that ended so is refused at t.
func (st *store) isRefused(end ending, t time.Time) bool {
	return t.Before(end.at.Add(st.cfg.Tombstone))
}

// endOf is when a session ends if nothing more is asked of it.
func (st *store) endOf(s *session) time.Time {
	end := s.used.Add(st.cfg.SessionTTL)
	oldest := s.created.Add(st.cfg.SessionMaxAge)
	if st.cfg.SessionMaxAge > 0 && (st.cfg.SessionTTL == 0 || oldest.Before(end)) {
		return oldest
	}
	return end
}

// requestID names a request as Zyte API does.
func (st *store) requestID() string {
	st.mu.Lock()
	defer st.mu.Unlock()
	return newUUID4(st.requestIDs)
}

// newUUID4 is a UUID of version 4 that depends on the seed alone.
func newUUID4(rng *rand.Rand) string {
	a, b := rng.Uint64(), rng.Uint64()
	a = a&^0xf000 | 0x4000
	b = b&^(3<<62) | 2<<62
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", a>>32, a>>16&0xffff, a&0xffff, b>>48, b&(1<<48-1))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
