package paced

import (
	"errors"
	"net/http"
	"time"

	"smp/client"
)

// Report is what became of a fetch, as a document: what --meta and --json print, and
// what a batch's results hold. In JSON what is not known, the zero value here, is null.
// Times are in seconds, to the microsecond.
type Report struct {
	URL             string      `json:"url"` // as asked for
	EffectiveURL    string      `json:"effective_url"`
	Status          int         `json:"status"`
	Session         string      `json:"session"`
	SessionCreated  bool        `json:"session_created"`
	SessionReplaced string      `json:"session_replaced"`
	IP              string      `json:"ip"`
	NextRequestIn   float64     `json:"next_request_in_s"`
	Waited          float64     `json:"waited_s"`        // never null
	Elapsed         float64     `json:"elapsed_s"`       // never null
	Attempts        int         `json:"attempts"`        // never null
	Bytes           int64       `json:"bytes"`           // never null
	SHA256          string      `json:"sha256"`          // of the whole body, in hexadecimal
	RequestID       string      `json:"request_id"`      // by which Zyte finds the request
	SessionEndsAt   string      `json:"session_ends_at"` // RFC 3339, where the service ends sessions for good, if it is used no more
	Headers         http.Header `json:"headers"`
	Error           *Failure    `json:"error"` // nil: it succeeded
}

// Failure is why a fetch has no success. In JSON what is not known is null.
type Failure struct {
	Code       string  `json:"code"`
	Status     int     `json:"status"`
	Message    string  `json:"message"` // never null
	Session    string  `json:"session"`
	RetryAfter float64 `json:"retry_after_s"` // seconds, to the microsecond
}

// Report tells of the result what is known before its body is read: Elapsed, Bytes,
// SHA256 and Error are the caller's. url is the one that was asked for.
func (r *Result) Report(url string) Report {
	report := Report{
		URL:             url,
		Session:         r.Session,
		SessionCreated:  r.Created,
		SessionReplaced: r.Replaced,
		IP:              r.IP,
		NextRequestIn:   Seconds(r.NextRequestIn),
		Waited:          Seconds(r.Waited),
		RequestID:       r.RequestID,
		Attempts:        r.Attempts,
	}
	if !r.SessionEndsAt.IsZero() {
		report.SessionEndsAt = r.SessionEndsAt.UTC().Format(time.RFC3339)
	}
	if r.EffectiveURL != nil {
		report.EffectiveURL = r.EffectiveURL.String()
	}
	if resp := r.Response; resp != nil {
		report.Status, report.Headers = resp.Status, resp.Header
	}
	return report
}

// NewFailure tells of an error: what the service answered, where it is one of its.
func NewFailure(err error) *Failure {
	f := &Failure{Message: err.Error()}
	if failed, ok := errors.AsType[*client.Error](err); ok {
		f.Code, f.Status, f.Session = failed.Code, failed.Status, failed.Service.Session
		f.RetryAfter = Seconds(failed.Service.RetryAfter)
	}
	return f
}

// Seconds is d as a Report has it.
func Seconds(d time.Duration) float64 { return float64(d.Round(time.Microsecond).Microseconds()) / 1e6 }

// Duration gives seconds as a Report has them, to the millisecond.
func Duration(seconds float64) time.Duration {
	return time.Duration(seconds * float64(time.Second)).Round(time.Millisecond)
}
