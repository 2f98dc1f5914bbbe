package mock

import (
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// state is the JSON of /_mock/state. Times and durations are the service's.
type state struct {
	Time             time.Time      `json:"time"`
	Since            time.Time      `json:"since"` // the start, or the last reset
	Service          string         `json:"service"`
	TimeScale        float64        `json:"time_scale"`
	DelayS           float64        `json:"delay_s"`
	SessionTTLS      float64        `json:"session_ttl_s"`
	SoftLimitS       float64        `json:"soft_limit_s"`
	MaxDelayS        float64        `json:"max_delay_s"`
	HardLimitS       float64        `json:"hard_limit_s"`
	ToleranceS       float64        `json:"tolerance_s"` // real
	SessionLimit     int            `json:"session_limit"`
	ConcurrencyLimit int            `json:"concurrency_limit"`
	Plan             string         `json:"plan"`
	Seed             int64          `json:"seed"`
	Requests         int64          `json:"requests"` // of any kind but control
	InFlight         int64          `json:"in_flight"`
	Held             int            `json:"held"`
	Judged           int64          `json:"judged"`
	Violations       int64          `json:"violations"`
	Unknowable       int64          `json:"unknowable"`
	Dead             int64          `json:"dead"` // requests with the ID of an ended session, of Zyte API's
	Sessions         []sessionState `json:"sessions"`
	IPs              []ipState      `json:"ips"`
	Waiting          []Entry        `json:"waiting"` // requests that are held, by their slots, the first 1,000
	Faults           []activeFault  `json:"faults"`
}

type sessionState struct {
	ID       string    `json:"id"`
	IP       string    `json:"ip"`
	Created  time.Time `json:"created"`
	LastUsed time.Time `json:"last_used"`
	Expires  time.Time `json:"expires,omitzero"`
	Requests int64     `json:"requests"`
	Banned   bool      `json:"banned"`
}

type ipState struct {
	IP         string    `json:"ip"`
	DelayS     float64   `json:"delay_s"`
	NextSlot   time.Time `json:"next_slot,omitzero"`
	Held       int       `json:"held"`
	Requests   int64     `json:"requests"`
	Violations int64     `json:"violations"`
}

func (s *Server) state() state {
	now := state{
		Time:             s.clock.now().UTC(),
		Service:          s.cfg.Service,
		TimeScale:        s.cfg.TimeScale,
		DelayS:           s.cfg.Delay.Seconds(),
		SessionTTLS:      s.cfg.SessionTTL.Seconds(),
		SoftLimitS:       s.cfg.SoftLimit.Seconds(),
		MaxDelayS:        s.cfg.MaxDelay.Seconds(),
		HardLimitS:       s.cfg.HardLimit.Seconds(),
		ToleranceS:       s.cfg.Tolerance.Seconds(),
		SessionLimit:     s.cfg.SessionLimit,
		ConcurrencyLimit: s.cfg.ConcurrencyLimit,
		Plan:             s.cfg.Plan,
		Seed:             s.cfg.Seed,
		Requests:         s.arrivals.Load(),
		InFlight:         s.targets.Load(),
		Faults:           s.faults.list(),
	}
	s.store.fill(&now)
	return now
}

// fill adds the sessions, outgoing IPs and counts of the store.
func (st *store) fill(to *state) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.expire(st.clock.now())
	to.Judged, to.Violations, to.Unknowable = st.audit.requests, st.audit.violationCount, st.audit.unknowableCount
	to.Dead = st.audit.deadCount
	to.Since, to.Waiting = st.since.UTC(), st.held()
	to.Sessions = make([]sessionState, 0, len(st.sessions))
	for _, s := range st.sessions {
		to.Sessions = append(to.Sessions, st.sessionState(s))
	}
	slices.SortFunc(to.Sessions, func(a, b sessionState) int { return cmp.Compare(a.ID, b.ID) })
	to.IPs = make([]ipState, 0, len(st.nodes))
	for _, n := range st.nodes {
		to.Held += n.held
		to.IPs = append(to.IPs, ipState{
			IP: n.ip, DelayS: (st.cfg.Delay + n.surplus).Seconds(), NextSlot: n.next(st.cfg.Delay).UTC(),
			Held: n.held, Requests: n.requests, Violations: n.violations,
		})
	}
	slices.SortFunc(to.IPs, func(a, b ipState) int {
		return netip.MustParseAddr(a.IP).Compare(netip.MustParseAddr(b.IP))
	})
}

func (st *store) sessionState(s *session) sessionState {
	shown := sessionState{
		ID: s.id, IP: s.node.ip, Created: s.created.UTC(), LastUsed: s.used.UTC(),
		Requests: s.requests, Banned: s.banned,
	}
	if st.cfg.SessionTTL > 0 || st.cfg.SessionMaxAge > 0 {
		shown.Expires = st.endOf(s).UTC()
	}
	return shown
}
