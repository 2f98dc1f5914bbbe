package mock

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
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
	Verdict   string    `json:"verdict,omitempty"` // "violation", "unknowable", "dead" (session, of Zyte API); "" is as it should be
	Reason    string    `json:"reason,omitempty"`  // of either verdict
	DurationS float64   `json:"duration_s"`
	RequestID string    `json:"request_id,omitempty"` // of Zyte API's
	Redirects int       `json:"redirects,omitempty"`  // followed by the service
	Bytes     int64     `json:"bytes,omitempty"`      // of the answer's body

	// The heads, about 8 KiB of each at most, with REDACTED for credentials and
	// the values of cookies. They are nil where there was none, and where later
	// requests have taken the journal's room in memory.
	RequestHeaders  http.Header `json:"request_headers,omitempty"`
	ResponseHeaders http.Header `json:"response_headers,omitempty"`
}

// record is an entry as it is kept.
type record struct {
	Entry
	heads heads
}

// size is what the record takes besides its fixed part.
func (r *record) size() int { return len(r.Target) + r.heads.size() }

// shorten leaves of the record what there is always room for.
func (r *record) shorten() {
	r.heads = heads{}
	r.Target = cut(r.Target, maxShortTarget)
}

func (r *record) entry() Entry {
	e := r.Entry
	e.RequestHeaders, e.ResponseHeaders = header(r.heads.request), header(r.heads.response)
	return e
}

// journal keeps the last requests in memory, and writes all of them to a sink.
type journal struct {
	mu      sync.Mutex
	seq     int64
	ring    []record
	at      int // of the oldest, once the ring is full
	size    int // bytes of all records in the ring, as they count them
	whole   int // how many of the newest records are not shortened
	sink    io.Writer
	problem error
}

func newJournal(sink io.Writer) *journal { return &journal{sink: sink} }

// add enters a request as the newest one and gives it its number.
func (j *journal) add(e Entry, h heads) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seq++
	e.Seq = j.seq
	e.Target = cut(e.Target, maxTarget)
	added := record{e, h}
	if len(j.ring) < maxJournal {
		j.ring = append(j.ring, added)
	} else {
		j.size -= j.ring[j.at].size()
		j.ring[j.at] = added
		j.at = (j.at + 1) % maxJournal
	}
	j.size += added.size()
	j.whole = min(j.whole+1, len(j.ring))
	for ; j.size > maxRecords && j.whole > 0; j.whole-- {
		oldest := &j.ring[(j.at+len(j.ring)-j.whole)%len(j.ring)]
		j.size -= oldest.size()
		oldest.shorten()
		j.size += oldest.size()
	}
	if j.sink != nil && j.problem == nil {
		j.problem = writeLine(j.sink, added.entry())
	}
}

func writeLine(w io.Writer, e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// after returns the records behind that number, oldest first.
func (j *journal) after(seq int64) []record {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.last(int(max(0, j.seq-max(seq, 0))))
}

// last returns a copy of the n newest records. Numbers have no gaps, so that
// the newest n are those behind the number n before the newest.
func (j *journal) last(n int) []record {
	n = min(n, len(j.ring))
	start := len(j.ring) - n
	records := make([]record, n)
	for i := range records {
		records[i] = j.ring[(j.at+start+i)%len(j.ring)]
	}
	return records
}

// newest is the number of the newest entry, 0 before the first.
func (j *journal) newest() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.seq
}

func (j *journal) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ring, j.at, j.size, j.whole = nil, 0, 0, 0
}

// err is why the journal could not be written, if it could not.
func (j *journal) err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.problem
}

// minSecret is the length from which the key is redacted everywhere: a short one like
// "test" is part of too many words.
const minSecret = 8

const redacted = "REDACTED"

// redactURL returns a target as the journal may show it: no user information, no key.
func (s *Server) redactURL(u *url.URL) string {
	bare := *u
	bare.User = nil
	return s.redact(bare.String())
}

func (s *Server) redact(text string) string {
	for _, secret := range s.secrets {
		text = strings.ReplaceAll(text, secret, redacted)
	}
	return text
}

// secrets are what the journal may not show of a key: itself, and as Basic credentials
// hold it.
func secrets(key string) []string {
	if len(key) < minSecret {
		return nil
	}
	return []string{key, base64.StdEncoding.EncodeToString([]byte(key + ":"))}
}

// redactID returns a session ID as the journal may show it. Anything can stand in
// the header, a key as well.
func (s *Server) redactID(id string) string {
	if s.redact(id) != id || id == s.cfg.Key || len(id) > 128 || strings.ContainsFunc(id, notInID) {
		return ""
	}
	return id
}

func notInID(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._~-", r))
}
