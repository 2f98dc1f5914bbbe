package mock

const maxEarly = 10_000

// judge keeps the early requests of a run.
type judge struct {
	requests               int64
	violations, unknowable []Early
	manyViolations         int64
	manyUnknowable         int64
	dead                   []DeadID
}

func (j *judge) add(e Early, verdict string) {
	j.requests++
	switch verdict {
	case verdictViolation:
		j.manyViolations++
		if len(j.violations) < maxEarly {
			j.violations = append(j.violations, e)
		}
	case verdictUnknowable:
		j.manyUnknowable++
		if len(j.unknowable) < maxEarly {
			j.unknowable = append(j.unknowable, e)
		}
	}
}

// record enters a judged request of session s.
func (st *store) record(s *session, e Early, verdict string) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if verdict == verdictViolation {
		s.node.violations++
	}
	st.judge.add(e, verdict)
}

// noteDead enters a request with the ID of a session that had ended.
func (st *store) noteDead(d DeadID) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.judge.dead) < maxEarly {
		st.judge.dead = append(st.judge.dead, d)
	}
}

func (st *store) verdict() Verdict {
	st.mu.Lock()
	defer st.mu.Unlock()
	return Verdict{
		Requests:   st.judge.requests,
		Violations: append([]Early{}, st.judge.violations...),
		Unknowable: append([]Early{}, st.judge.unknowable...),
		Dead:       append([]DeadID{}, st.judge.dead...),
		DelayS:     st.cfg.Delay.Seconds(),
		TimeScale:  st.cfg.TimeScale,
	}
}
