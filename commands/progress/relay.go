package progress

import (
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"smp/client/paced"
	"smp/client/relay"
	"smp/commands/term"
)

const (
	alikeTime   = 10 * time.Second // failures that are alike are told once in so long
	maxFailures = 1000             // kinds of failures that are remembered
)

// RelayReporter tells of the requests of a relay: failures on stderr, all of them in
// the log. It is safe for concurrent use.
type RelayReporter struct {
	messages *term.Messages
	log      *os.File                   // nil for none
	failure  func(error) *paced.Failure // an error as the log has it

	mu       sync.Mutex
	failures map[failureKind]*alike
	trouble  bool // the log could not be written, and that was told
}

// failureKind is what failures have in common that are alike.
type failureKind struct {
	exitCode   int
	code, host string
}

type alike struct {
	told   time.Time
	untold int
}

// NewRelayReporter returns a reporter that tells m. It writes a line for each request to
// log, unless that is nil, with errors as failure gives them.
func NewRelayReporter(m *term.Messages, log *os.File, failure func(error) *paced.Failure) *RelayReporter {
	return &RelayReporter{messages: m, log: log, failure: failure, failures: map[failureKind]*alike{}}
}

// Finished tells of a request that has ended.
func (r *RelayReporter) Finished(x *relay.Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if x.Err != nil && !x.Left {
		kind := failureKind{exitCode: x.ExitCode, code: paced.NewFailure(x.Err).Code, host: x.URL.Host}
		r.failed(kind, fmt.Sprintf("%s (class %d)", describe(x), x.ExitCode))
	}
	if r.log != nil {
		r.write(x)
	}
}

// Refused tells of a connection of another user's.
func (r *RelayReporter) Refused(peer net.Addr) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed(failureKind{host: "connections of other users"}, fmt.Sprintf("a connection from %s was closed: it belongs to another user", peer))
}

// failed tells of a failure unless one like it was told just now.
func (r *RelayReporter) failed(kind failureKind, message string) {
	known := r.failures[kind]
	if known == nil {
		if len(r.failures) >= maxFailures {
			r.flush()
		}
		known = &alike{}
		r.failures[kind] = known
	}
	if time.Since(known.told) < alikeTime {
		known.untold++
		return
	}
	more := ""
	if known.untold > 0 {
		more = fmt.Sprintf(" (and %d alike since the last line)", known.untold)
	}
	*known = alike{told: time.Now()}
	r.messages.Error(message+more, nil)
}

// describe says what failed. Errors of the exchange name the request themselves.
func describe(x *relay.Exchange) string {
	if x.Result != nil && x.Result.Attempts > 0 {
		return x.Err.Error()
	}
	return fmt.Sprintf("%s %s: %v", x.Method, x.URL, x.Err)
}

// End tells of the failures that were not told yet.
func (r *RelayReporter) End() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flush()
}

func (r *RelayReporter) flush() {
	for kind, f := range r.failures {
		if f.untold > 0 {
			what := kind.host
			if kind.code != "" {
				what += ": " + kind.code
			}
			if kind.exitCode != 0 {
				what += fmt.Sprintf(" (class %d)", kind.exitCode)
			}
			r.messages.Error(fmt.Sprintf("%d more alike: %s", f.untold, what), nil)
		}
	}
	clear(r.failures)
}

func (r *RelayReporter) write(x *relay.Exchange) {
	if _, err := r.log.Write(r.line(x)); err != nil && !r.trouble {
		r.trouble = true
		r.messages.Warn("--log: %v", err)
	}
}

// line is what the log says of a request.
func (r *RelayReporter) line(x *relay.Exchange) []byte {
	report := paced.Report{URL: x.URL.String()}
	if x.Result != nil {
		report = x.Result.Report(report.URL)
	}
	report.Status, report.Headers = x.Status, x.Header
	report.Bytes, report.SHA256, report.Elapsed = x.Bytes, x.SHA256, paced.Seconds(x.Elapsed)
	report.Error = r.failure(x.Err)
	b := append([]byte(`{"time":`), paced.AppendString(nil, x.Started.UTC().Format(time.RFC3339Nano))...)
	b = paced.AppendString(append(b, `,"kind":`...), x.Kind.String())
	b = paced.AppendString(append(b, `,"method":`...), x.Method)
	return append(report.AppendMembers(append(b, ',')), "}\n"...)
}
