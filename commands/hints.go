package commands

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"strings"
	"syscall"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/client/paced"
	"smp/client/spell"
)

// answered diagnoses a failed exchange: an answer of the service's own, or a broken
// network.
func answered(e *client.Error) diagnosis {
	d := diagnosis{code: classExitCodes[e.Class], hints: hintsFor(e)}
	d.json = *paced.NewFailure(e)
	return d
}

// hintsFor says what to do about a failed exchange. The error code decides where
// one is special, else what was asked, then the status, and then the class.
func hintsFor(e *client.Error) []string {
	if hints := codeHints[e.Code]; hints != nil && !e.Forwarded() {
		return hints
	}
	switch {
	case e.Forwarded():
		return []string{"the answer names an outgoing IP, so the target may have written it: smp fetch -v URL"}
	case e.Status == 0:
		return networkHints(e)
	case e.Class == client.Later:
		return laterHints(e)
	case e.SessionsAPI():
		return apiHints(e)
	case e.ProxyAuth():
		return []string{"check the key: smp doctor", "the service also answers this for minutes while it restarts: --retry 5 --retry-auth"}
	case e.Status == statusNotInPlan:
		return codeHints["header_auth"]
	}
	return classHints[e.Class]
}

// statusNotInPlan is the service's own status for a header that the plan lacks.
const statusNotInPlan = 470

var codeHints = map[string][]string{
	"user_session_limit": {"delete those that this machine made: smp session delete --mine", "see all: smp session list"},
	"banned":             {"another session has another outgoing IP: smp session create"},
	"header_auth":        {"leave out the header that the plan does not allow"},
	"headers_auth":       {"leave out the header that the plan does not allow"},
	"nxdomain":           {"check the host in the URL"},
}

// classHints are about requests to targets.
var classHints = map[client.Class][]string{
	client.Unforeseen:  {"what answers may be no Smart Proxy Manager: smp doctor"},
	client.Credentials: {"check the key: smp doctor"},
	client.SessionDead: {"make a new one: smp session create", "a name is given a new session by itself: smp fetch --session @NAME URL"},
	client.Upstream:    {"another try may succeed: smp fetch --retry 3 URL"},
	client.Network:     {"check the endpoint: smp doctor"},
	client.Hopeless:    {"see what was sent: smp fetch -v URL"},
}

// laterHints say when to try again, if the service did.
func laterHints(e *client.Error) []string {
	again := "try again later"
	if e.Service.RetryAfter > 0 {
		again = "try again in " + spell.Seconds(e.Service.RetryAfter)
	}
	if !e.SessionsAPI() {
		again += ", or let smp do it: smp fetch --retry 5 URL"
	}
	return []string{again}
}

// apiHints are about answers of /sessions. Without a sessions API, requests can still
// make sessions.
func apiHints(e *client.Error) []string {
	switch {
	case e.NoSessionsAPI() && strings.HasPrefix(e.Op, http.MethodPost+" "):
		return []string{"make a session with a request instead: smp session create --via URL", "ask what is there: smp doctor"}
	case e.NoSessionsAPI():
		return []string{"ask what is there: smp doctor"}
	case e.Class == client.SessionDead:
		return []string{"see what is there: smp session list"}
	}
	return []string{"check the key: smp doctor"}
}

func networkHints(e *client.Error) []string {
	var (
		authority x509.UnknownAuthorityError
		limit     *paced.TimeoutError
	)
	switch {
	case e.BadHead():
		return []string{"the target's answer is at fault, not the endpoint: another try will bring the same"}
	case errors.As(e, &authority) && e.EndpointTLS():
		return []string{"trust the CA that the endpoint's certificate is signed with: --cacert FILE", "or do not verify it: --proxy-insecure"}
	case errors.As(e, &authority):
		return []string{"trust the CA that the service signs with: --cacert FILE", "or verify nothing: --insecure"}
	case errors.As(e, &limit):
		return moreTime(limit)
	case e.TimedOut():
		return append([]string{"allow more time: --connect-timeout 60 --timeout 30m"}, classHints[client.Network]...)
	}
	return classHints[client.Network]
}

// hintsOnTrust are hints, or what is wrong with the CA that a certificate was to be
// verified with.
func (a *app) hintsOnTrust(err error, hints []string) []string {
	if a.config == nil || a.config.CACert == nil || !errors.As(err, new(x509.UnknownAuthorityError)) {
		return hints
	}
	if _, bad := readAuthorities(a.config.CACert, time.Now()); bad != nil {
		file := a.config.Setting("cacert")
		return []string{"the CA of " + file.Origin + " is of no use: " + bad.Error() + ": get it anew from the service"}
	}
	return hints
}

// moreTime suggests twice as long as was not enough.
func moreTime(limit *paced.TimeoutError) []string {
	return []string{"allow more time: --timeout " + spell.Duration(2*limit.After)}
}

func stateHint(state *ledger.StateError) string {
	switch {
	case strings.HasPrefix(state.Path, "redis"):
		return serverHint(state) + ", or send without it: --unpaced"
	case errors.Is(state, syscall.EMFILE), errors.Is(state, syscall.ENFILE):
		return "allow more open files: ulimit -n 4096"
	case errors.Is(state, syscall.ENOSPC):
		return "make room on that disk, or keep the state elsewhere: export SMP_STATE_DIR=DIR"
	}
	return "keep the state elsewhere: export SMP_STATE_DIR=DIR"
}

// serverHint is for a server that keeps the ledger and cannot be reached.
func serverHint(err error) string {
	if _, untrusted := errors.AsType[*tls.CertificateVerificationError](err); untrusted {
		return "name the CA of its certificate: export SSL_CERT_FILE=FILE"
	}
	return "see that the server runs and lets you in"
}
