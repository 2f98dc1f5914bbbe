package mock

import (
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// State is what a mock is and has at one moment, as /_mock/state shows it. Times
// and durations are the service's own.
type State struct {
	Time             time.Time      `json:"time"`
	Since            time.Time      `json:"since"`         // the start, or the last reset
	Service          string         `json:"service"`       // as Config.Service
	TimeScale        float64        `json:"time_scale"`    // this and the next ones as in Config; 0 is none
	DelayS           float64        `json:"delay_s"`       // seconds
	SessionTTLS      float64        `json:"session_ttl_s"` // seconds
	SoftLimitS       float64        `json:"soft_limit_s"`  // seconds
	MaxDelayS        float64        `json:"max_delay_s"`   // seconds
	HardLimitS       float64        `json:"hard_limit_s"`  // seconds
	ToleranceS       float64        `json:"tolerance_s"`   // seconds of real time
	SessionLimit     int            `json:"session_limit"`
	ConcurrencyLimit int            `json:"concurrency_limit"`
	Plan             string         `json:"plan"`
	Seed             int64          `json:"seed"`
	Requests         int64          `json:"requests"`  // of any kind but control, since the start
	InFlight         int64          `json:"in_flight"` // requests through the proxy that are not answered yet
	Held             int            `json:"held"`      // those of them that wait for their slot
	Judged           int64          `json:"judged"`
	Violations       int64          `json:"violations"`
	Unknowable       int64          `json:"unknowable"`
	Dead             int64          `json:"dead"`     // requests with the ID of an ended session, of Zyte API's
	Sessions         []SessionState `json:"sessions"` // live ones, by ID
	IPs              []IPState      `json:"ips"`      // those that had a session or a request, in order
	Waiting          []Entry        `json:"waiting"`  // requests that are held, by their slots, the first 1,000
	Faults           []ActiveFault  `json:"faults"`   // in the order in which they are tried
}

// SessionState is one live session.
type SessionState struct {
	ID       string    `json:"id"`
	IP       string    `json:"ip"` // outgoing
	Created  time.Time `json:"created"`
	LastUsed time.Time `json:"last_used"`
	Expires  time.Time `json:"expires,omitzero"` // if it is not used before; zero is never
	Requests int64     `json:"requests"`
	Banned   bool      `json:"banned"` // it answers nothing but bans
}

// IPState is one outgoing IP.
type IPState struct {
	IP         string    `json:"ip"`
	DelayS     float64   `json:"delay_s"`            // seconds, with what early requests have added
	NextSlot   time.Time `json:"next_slot,omitzero"` // zero before its first request in a session
	Held       int       `json:"held"`
	Requests   int64     `json:"requests"` // in sessions and outside of them
	Violations int64     `json:"violations"`
}

// State is what the mock is and has now.
func (s *Server) State() State {
	now := State{
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
		Requests:         s.requests.Load(),
		InFlight:         s.targets.Load(),
		Faults:           s.faults.list(),
	}
	s.store.fill(&now)
	return now
}

// fill adds the sessions, outgoing IPs and counts of the store.
func (st *store) fill(to *State) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.expire(st.clock.now())
	to.Judged, to.Violations, to.Unknowable = st.audit.requests, st.audit.violationCount, st.audit.unknowableCount
	to.Dead = st.audit.deadCount
	to.Since, to.Waiting = st.since.UTC(), st.held()
	to.Sessions = make([]SessionState, 0, len(st.sessions))
	for _, s := range st.sessions {
		to.Sessions = append(to.Sessions, st.sessionState(s))
	}
	slices.SortFunc(to.Sessions, func(a, b SessionState) int { return cmp.Compare(a.ID, b.ID) })
	to.IPs = make([]IPState, 0, len(st.nodes))
	for _, n := range st.nodes {
		to.Held += n.held
		to.IPs = append(to.IPs, IPState{
			IP: n.ip, DelayS: (st.cfg.Delay + n.surplus).Seconds(), NextSlot: n.next(st.cfg.Delay).UTC(),
			Held: n.held, Requests: n.requests, Violations: n.violations,
		})
	}
	slices.SortFunc(to.IPs, func(a, b IPState) int {
		return netip.MustParseAddr(a.IP).Compare(netip.MustParseAddr(b.IP))
	})
}

func (st *store) sessionState(s *session) SessionState {
	shown := SessionState{
		ID: s.id, IP: s.node.ip, Created: s.created.UTC(), LastUsed: s.used.UTC(),
		Requests: s.requests, Banned: s.banned,
	}
	if st.cfg.SessionTTL > 0 || st.cfg.SessionMaxAge > 0 {
		shown.Expires = st.endOf(s).UTC()
	}
	return shown
}
