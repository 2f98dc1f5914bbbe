package commands

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"time"

	"smp/client"
	"smp/client/spell"
)

// endpoint checks who answers at the endpoint: without the API key first, then with it
// if the service answered.
func (e *examination) endpoint(ctx context.Context) {
	if e.config == nil || e.config.Endpoint == nil || e.failed("cacert") {
		return
	}
	anonymous := *e.config
	anonymous.Key = ""
	p, err := e.probe(&anonymous)
	if err != nil {
		e.fail("reachable", err, "")
		return
	}
	dialect, found := e.who(ctx, p)
	if !found || e.config.Key == "" {
		return
	}
	if p, err = e.probe(e.config); err != nil {
		e.fail("key", err, "")
		return
	}
	accepted := false
	if e.config.Service.SessionsAPI {
		accepted = e.sessions(ctx, p, dialect)
	} else {
		e.localSessions()
	}
	e.tunnel(ctx, p, accepted)
}

func (e *examination) failed(name string) bool {
	for _, f := range e.findings {
		if f.name == name && f.grade == gradeFail {
			return true
		}
	}
	return false
}

// who finds out whether the endpoint answers, and as what. It asks without the API
// key, and so is refused by the service.
func (e *examination) who(ctx context.Context, p *probe) (dialect client.Dialect, service bool) {
	err := p.ask(ctx)
	answer, refused := errors.AsType[*client.Error](err)
	if refused && answer.Status == 0 {
		e.fail("reachable", err, "check --endpoint, and the network")
		return 0, false
	}
	e.ok("reachable", "%s answers", e.config.Endpoint.Host)
	if refused {
		e.compareClocks(answer.Header)
	}
	if !refused || answer.Dialect() == client.DialectUnknown {
		if other, ok := errors.AsType[*client.Error](p.tunnel(ctx)); ok && other.Status != 0 {
			answer, refused = other, true
		}
	}
	if !refused || answer.Dialect() == client.DialectUnknown {
		e.note(finding{
			grade: gradeFail, name: "dialect", code: exitUnforeseen,
			detail: "nothing in the answers shows the service: " + withoutKey(err), advice: "check --endpoint: the API key was not sent there",
		})
		return 0, false
	}
	dialect = answer.Dialect()
	if e.config.Service == client.ZyteAPI {
		return dialect, e.isZyte(dialect)
	}
	if dialect == client.DialectZyte {
		e.warn("dialect", "sessions live 2 min idle, 15 min at most; make them with requests: smp fetch --session create URL", "Zyte API's proxy mode")
	} else {
		e.ok("dialect", "Smart Proxy Manager%s", itsVersion(answer.Header))
	}
	return dialect, true
}

// isZyte says what is at an endpoint that is said to be Zyte API's, and whether the
// key travels there unseen.
func (e *examination) isZyte(dialect client.Dialect) bool {
	if dialect != client.DialectZyte {
		e.note(finding{
			grade: gradeFail, name: "dialect", code: exitUnforeseen,
			detail: "Smart Proxy Manager answers, not Zyte API", advice: "--service spm",
		})
		return false
	}
	e.ok("dialect", "Zyte API's proxy mode")
	if instead, clear := e.config.CarriesKeyInClear(); clear {
		e.warn("tls", "--endpoint "+instead, "the port is not TLS: the API key can be read on its way")
		return true
	}
	if e.config.Endpoint.Scheme == "https" {
		e.ok("tls", "the port is TLS")
	} else {
		e.ok("tls", "the port is not TLS, and the endpoint on this machine")
	}
	return true
}

// localSessions tells where the sessions of a service are that has no list of them.
func (e *examination) localSessions() {
	life := e.config.Life()
	e.ok("sessions", "made here, and known to this machine's ledger alone; they end %s after their last request, %s after their first",
		spell.Duration(life.Idle), spell.Duration(life.Age))
}

func withoutKey(err error) string {
	if err == nil {
		return "it lists sessions to whoever asks"
	}
	return err.Error()
}

func itsVersion(h http.Header) string {
	if v := h.Get("X-Crawlera-Version"); v != "" {
		return " " + v
	}
	return ""
}

// maxClockError is the difference of clocks that is not worth a warning.
const maxClockError = time.Minute

// compareClocks compares this machine's clock with the Date of an answer.
func (e *examination) compareClocks(h http.Header) {
	theirs, err := http.ParseTime(h.Get("Date"))
	if err != nil || e.config.Scale != 1 { // a scaled mock has a time of its own
		return
	}
	ahead := time.Since(theirs).Round(time.Second)
	if ahead.Abs() < maxClockError {
		e.ok("date", "the endpoint's clock agrees")
		return
	}
	e.warn("date", "set the clock of this machine, if it is the wrong one", "this clock is %s %s the endpoint's", spell.Duration(ahead.Abs()), aheadOrBehind(ahead))
}

func aheadOrBehind(d time.Duration) string {
	if d < 0 {
		return "behind"
	}
	return "ahead of"
}

// sessions lists them with the API key, and reports whether that shows that the key
// is accepted.
func (e *examination) sessions(ctx context.Context, p *probe, dialect client.Dialect) (accepted bool) {
	count, err := p.list(ctx)
	answer, refused := errors.AsType[*client.Error](err)
	switch {
	case err == nil:
		e.ok("key", "accepted")
		e.ok("sessions", "the sessions API is there; sessions: %d", count)
		return true
	case refused && answer.Class == client.Credentials:
		e.fail("key", err, "check the API key, and that it is one for this endpoint")
		return true
	case refused && (answer.NoSessionsAPI() || dialect == client.DialectZyte):
		e.warn("sessions", "make them with requests: smp session create --via URL, or smp fetch --session create URL",
			"no sessions API there (%d)", answer.Status)
		return false
	}
	e.fail("sessions", err, "")
	return false
}

// tunnel connects to an https target. That shows whether the service's certificates are
// trusted and, unless decided, whether it accepts the key.
func (e *examination) tunnel(ctx context.Context, p *probe, decided bool) {
	if e.failed("key") {
		return
	}
	err := p.tunnel(ctx)
	if answer, refused := errors.AsType[*client.Error](err); refused && answer.Status != 0 {
		if answer.Class == client.Credentials && !decided {
			e.fail("key", err, "check the API key, and that it is one for this endpoint")
			return
		}
		e.fail("https", err, "")
		return
	}
	if !decided {
		e.ok("key", "accepted")
	}
	untrusted, ok := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case err == nil:
		e.ok("https", "%s", e.trusted())
	case ok && e.config.CACert == nil:
		e.warn("https", "trust the service's CA: --cacert FILE", "the service's certificates are not trusted: %v", untrusted.Err)
	default:
		e.fail("https", fmt.Errorf("a tunnel to %s: %w", probeHost, err), "")
	}
}

func (e *examination) trusted() string {
	if e.config.Insecure {
		return "a tunnel opens; certificates are not verified"
	}
	return "a tunnel opens, and its certificate is trusted"
}
