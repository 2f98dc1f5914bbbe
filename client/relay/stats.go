package relay

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"smp/client/paced"
)

// stats count what a relay does.
type stats struct {
	mu       sync.Mutex
	since    time.Time
	now      int
	requests [kinds]int64
	bytes    [kinds]int64
	dropped  int64
	waited   time.Duration
	failures map[string]int64
	sessions map[string]*SessionStats
}

// maxSessionStats bounds the sessions that are counted one by one.
const maxSessionStats = 5000

func newStats() *stats {
	return &stats{since: time.Now(), failures: map[string]int64{}, sessions: map[string]*SessionStats{}}
}

// Stats is what a relay has done so far.
type Stats struct {
	Since    time.Time        `json:"since"`
	Now      int              `json:"now"`      // requests under way
	Requests map[string]int64 `json:"requests"` // by kind
	Bytes    map[string]int64 `json:"bytes"`    // of answers, by kind
	Dropped  int64            `json:"dropped"`  // answered 204, or 403 where they are blocked
	WaitedS  float64          `json:"waited_s"` // for slots, all requests together
	Failures map[string]int64 `json:"failures"` // by exit code
	Sessions []SessionStats   `json:"sessions"`
}

// SessionStats is what a relay has done in one session.
type SessionStats struct {
	ID       string  `json:"id"`
	Session  string  `json:"session"` // as it was asked for
	Requests int64   `json:"requests"`
	WaitedS  float64 `json:"waited_s"`

	waited time.Duration
}

func (s *stats) began(kind Kind) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now++
	s.requests[kind]++
}

// ended counts a request that is over.
func (s *stats) ended(x *Exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now--
	s.bytes[x.Kind] += x.Bytes
	if x.Err != nil && !x.Left {
		s.failures[strconv.Itoa(x.ExitCode)]++
	}
	if x.Result == nil {
		if x.Err == nil {
			s.dropped++
		}
		return
	}
	s.waited += x.Result.Waited
	if x.Result.Session != "" && x.Result.Attempts > 0 {
		s.inSession(x)
	}
}

func (s *stats) inSession(x *Exchange) {
	session := s.sessions[x.Result.Session]
	if session == nil {
		if len(s.sessions) >= maxSessionStats {
			return
		}
		session = &SessionStats{ID: x.Result.Session, Session: x.Session.String()}
		s.sessions[session.ID] = session
	}
	session.Requests += int64(x.Result.Attempts)
	session.waited += x.Result.Waited
	session.WaitedS = paced.Seconds(session.waited)
}

func (s *stats) snapshot() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := Stats{
		Since: s.since, Now: s.now, Dropped: s.dropped, WaitedS: paced.Seconds(s.waited),
		Requests: byKind(s.requests), Bytes: byKind(s.bytes),
		Failures: maps.Clone(s.failures), Sessions: []SessionStats{},
	}
	for _, session := range s.sessions {
		out.Sessions = append(out.Sessions, *session)
	}
	slices.SortFunc(out.Sessions, func(a, b SessionStats) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func byKind(counts [kinds]int64) map[string]int64 {
	out := map[string]int64{}
	for kind, n := range counts {
		out[Kind(kind).String()] = n
	}
	return out
}

// Used reports whether any request has come.
func (s Stats) Used() bool {
	for _, n := range s.Requests {
		if n > 0 {
			return true
		}
	}
	return false
}
