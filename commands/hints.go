package commands

import (
	"crypto/x509"
	"errors"
	"net"
	"net/http"

	"smp/client"
)

// exitCodes gives each class its exit code.
var exitCodes = map[client.Class]int{
	client.Unforeseen:  exitUnforeseen,
	client.Credentials: exitCredentials,
	client.SessionDead: exitSession,
	client.Later:       exitLater,
	client.Upstream:    exitUpstream,
	client.Network:     exitNetwork,
	client.Hopeless:    exitHopeless,
}

// answered diagnoses a failed exchange: an answer of the service's own, or a broken
// network.
func answered(e *client.Error) diagnosis {
	d := diagnosis{code: exitCodes[e.Class], hints: hintsFor(e)}
	d.json.Code = known(e.Code)
	d.json.Status = known(e.Status)
	d.json.Session = known(e.Service.Session)
	d.json.RetryAfterS = known(e.Service.RetryAfter.Seconds())
	return d
}

// hintsFor says what to do about a failed exchange: by its error code where one is
// special, else by its class.
func hintsFor(e *client.Error) []string {
	if hints := codeHints[e.Code]; hints != nil {
		return hints
	}
	if e.Status == 0 {
		return networkHints(e)
	}
	switch {
	case e.NoSessionsAPI():
		return []string{"make a session with a request instead: smp session create --via URL", "ask what is there: smp doctor"}
	case e.Status == http.StatusProxyAuthRequired:
		return []string{"check the key: smp doctor", "the service also answers this for minutes while it restarts: --retry 5 --retry-auth"}
	}
	return classHints[e.Class]
}

var codeHints = map[string][]string{
	"user_session_limit": {"delete those that this machine made: smp session delete --mine", "see all: smp session list"},
	"banned":             {"another session has another outgoing IP: smp session create"},
	"header_auth":        {"leave out the header that the plan does not allow"},
	"headers_auth":       {"leave out the header that the plan does not allow"},
	"nxdomain":           {"check the host in the URL"},
}

var classHints = map[client.Class][]string{
	client.Credentials: {"check the key: smp doctor"},
	client.SessionDead: {"make a new one: smp session create", "a name is given a new session by itself: smp fetch --session @NAME URL"},
	client.Later:       {"try again later, or let smp do it: smp fetch --retry 5 URL"},
	client.Upstream:    {"another try may succeed: smp fetch --retry 3 URL"},
	client.Network:     {"check the endpoint: smp doctor"},
}

func networkHints(e *client.Error) []string {
	var (
		authority x509.UnknownAuthorityError
		timeout   net.Error
	)
	switch {
	case errors.As(e, &authority):
		return []string{"trust the CA that the service signs with: --cacert FILE", "or verify nothing: --insecure"}
	case errors.As(e, &timeout) && timeout.Timeout():
		return []string{"check the endpoint: smp doctor", "allow more time: --timeout 30m --connect-timeout 60"}
	}
	return classHints[client.Network]
}
