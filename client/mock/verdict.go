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
	Reason  string    `json:"reason,omitempty"` // of an unknowable one
}
