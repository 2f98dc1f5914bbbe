package mock

import (
	"encoding/json"
	"io"
	"net/url"
	"strings"
	"sync"
	"time"
)

const maxJournal = 10_000

// Entry is one request in the journal. Times and durations are the service's
// own; credentials are never in it.
type Entry struct {
	Seq       int64     `json:"seq"`     // in the order in which requests ended
	Request   int64     `json:"request"` // in the order in which they came
	Time      time.Time `json:"time"`    // of its arrival
	Conn      string    `json:"conn"`    // the client's address
	Kind      string    `json:"kind"`    // "target", "connect" or "sessions"
	Method    string    `json:"method"`
	Target    string    `json:"target"`
	Session   string    `json:"session,omitempty"`
	IP        string    `json:"ip,omitempty"`
	Status    int       `json:"status"` // 0: no answer was sent; 499: the client left
	Error     string    `json:"error,omitempty"`
	Fault     string    `json:"fault,omitempty"`
	Attempts  int       `json:"attempts,omitempty"` // at the target
	Slot      time.Time `json:"slot,omitzero"`      // earliest start
	Started   time.Time `json:"started,omitzero"`
	HeldS     float64   `json:"held_s,omitempty"`
	EarlyS    float64   `json:"early_s,omitempty"`
	Verdict   string    `json:"verdict,omitempty"` // "violation", "unknowable"; "" is in time
	DurationS float64   `json:"duration_s"`
	Bytes     int64     `json:"bytes,omitempty"` // of the answer's body
}

// journal keeps the last requests, and writes all of them where it is told to.
type journal struct {
	mu      sync.Mutex
	seq     int64
	ring    []Entry
	at      int // of the oldest, once the ring is full
	sink    io.Writer
	problem error
}

func newJournal(sink io.Writer) *journal { return &journal{sink: sink} }

func (j *journal) add(e *Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seq++
	e.Seq = j.seq
	if len(j.ring) < maxJournal {
		j.ring = append(j.ring, *e)
	} else {
		j.ring[j.at] = *e
		j.at = (j.at + 1) % maxJournal
	}
	if j.sink != nil && j.problem == nil {
		j.problem = writeLine(j.sink, e)
	}
}

func writeLine(w io.Writer, e *Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// after returns the entries behind that number, oldest first.
func (j *journal) after(seq int64) []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	var entries []Entry
	for i := range j.ring {
		if e := j.ring[(j.at+i)%len(j.ring)]; e.Seq > seq {
			entries = append(entries, e)
		}
	}
	return entries
}

func (j *journal) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ring, j.at = nil, 0
}

// err is why the journal could not be written, if it could not.
func (j *journal) err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.problem
}

// minSecret is how long a key must be to be cut out of a target: "test" is in
// too many innocent ones.
const minSecret = 8

// clean is a target as the journal may show it: no user information, no key.
func (s *Server) clean(u *url.URL) string {
	bare := *u
	bare.User = nil
	return s.redact(bare.String())
}

func (s *Server) redact(text string) string {
	if len(s.cfg.Key) < minSecret {
		return text
	}
	return strings.ReplaceAll(text, s.cfg.Key, "REDACTED")
}

// cleanID is a session ID as the journal may show it. Anything can stand in
// the header, a key as well.
func (s *Server) cleanID(id string) string {
	if s.redact(id) != id || id == s.cfg.Key || len(id) > 128 || strings.ContainsFunc(id, notInID) {
		return ""
	}
	return id
}

func notInID(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._~-", r))
}
