package mock

import "time"

// Verdict says how well the clients of a mock kept to the delay between
// requests of one outgoing IP.
type Verdict struct {
	Requests   int64    `json:"requests"`   // requests in sessions that were judged
	Violations []Early  `json:"violations"` // in order of arrival, the first 10,000; never nil
	Unknowable []Early  `json:"unknowable"` // early, but their sender could not have known; never nil
	Dead       []DeadID `json:"dead"`       // requests with the ID of a session that had ended, of Zyte API's; never nil
	DelayS     float64  `json:"delay_s"`    // the delay, in seconds of the service's time
	TimeScale  float64  `json:"time_scale"`
}

// DeadID is a request that named a session of Zyte API's which had ended.
type DeadID struct {
	Request int64     `json:"request"` // as in the journal
	Time    time.Time `json:"time"`
	Ended   time.Time `json:"ended"`
	Session string    `json:"session"`
	Conn    string    `json:"conn"` // the client's address
	Method  string    `json:"method"`
	Target  string    `json:"target"`
	Reused  bool      `json:"reused,omitempty"` // it began another session, on another IP
}

// Early is a request that started before its slot. Times and durations are
// the service's.
type Early struct {
	Request int64     `json:"request"` // as in the journal
	Time    time.Time `json:"time"`
	Slot    time.Time `json:"slot"`
	EarlyS  float64   `json:"early_s"` // seconds
	IP      string    `json:"ip"`
	Session string    `json:"session"`
	Conn    string    `json:"conn"` // the client's address
	Method  string    `json:"method"`
	Target  string    `json:"target"`
	Reason  string    `json:"reason"` // why it was early
}

const maxEarly = 10_000

// audit keeps the early requests of a run.
type audit struct {
	requests               int64
	violations, unknowable []Early
	violationCount         int64
	unknowableCount        int64
	dead                   []DeadID
	deadCount              int64
}

func (a *audit) add(e Early, verdict string) {
	a.requests++
	switch verdict {
	case verdictViolation:
		a.violationCount++
		if len(a.violations) < maxEarly {
			a.violations = append(a.violations, e)
		}
	case verdictUnknowable:
		a.unknowableCount++
		if len(a.unknowable) < maxEarly {
			a.unknowable = append(a.unknowable, e)
		}
	}
}

// record adds a judged request of session s to the audit.
func (st *store) record(s *session, e Early, verdict string) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if verdict == verdictViolation {
		s.node.violations++
	}
	e.Target = cut(e.Target, maxShortTarget)
	st.audit.add(e, verdict)
}

// noteDead adds a request with the ID of a session that had ended.
func (st *store) noteDead(d DeadID) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.audit.deadCount++
	if len(st.audit.dead) < maxEarly {
		d.Target = cut(d.Target, maxShortTarget)
		st.audit.dead = append(st.audit.dead, d)
	}
}

func (st *store) verdict() Verdict {
	st.mu.Lock()
	defer st.mu.Unlock()
	return Verdict{
		Requests:   st.audit.requests,
		Violations: append([]Early{}, st.audit.violations...),
		Unknowable: append([]Early{}, st.audit.unknowable...),
		Dead:       append([]DeadID{}, st.audit.dead...),
		DelayS:     st.cfg.Delay.Seconds(),
		TimeScale:  st.cfg.TimeScale,
	}
}
