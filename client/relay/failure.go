package relay

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/client/paced"
)

// failure is a request that ends with an answer of the relay's own.
type failure struct {
	err        error
	status     int           // of the answer
	token      string        // an error type of RFC 9209, section 2.3
	code       string        // the service's error code, verbatim, or a word of the relay's
	name       string        // of the header that carries code; "" where it is the relay's own
	retryAfter time.Duration // 0 where unknown
}

const (
	headerError     = "X-Crawlera-Error"
	headerZyteError = "Zyte-Error-Type"

	codeRegion = "region" // one that the session of the request cannot have
)

// Refusal is a request that the relay does not send.
type Refusal struct{ Reason string }

func (e *Refusal) Error() string { return e.Reason }

// refuse makes a failure of the relay's own.
func refuse(status int, token, code, format string, args ...any) *failure {
	return &failure{err: &Refusal{fmt.Sprintf(format, args...)}, status: status, token: token, code: code}
}

// failureOf says how what went wrong reaches the client.
func failureOf(err error) *failure {
	if failed, ok := errors.AsType[*client.Error](err); ok {
		return failureOfExchange(failed)
	}
	if late, ok := errors.AsType[*ledger.TooLate](err); ok {
		return &failure{
			err: err, status: http.StatusServiceUnavailable, token: "connection_limit_reached", code: "max_wait",
			retryAfter: late.Wait,
		}
	}
	if errors.Is(err, ledger.ErrSessionDead) {
		return &failure{err: err, status: http.StatusBadRequest, token: "http_request_denied", code: "bad_session_id", name: headerError}
	}
	if _, region := errors.AsType[*ledger.RegionError](err); region {
		return &failure{err: err, status: http.StatusBadRequest, token: "http_request_error", code: codeRegion}
	}
	if _, slow := errors.AsType[*paced.TimeoutError](err); slow {
		return &failure{err: err, status: http.StatusGatewayTimeout, token: "http_response_timeout", code: "timed_out"}
	}
	return &failure{err: err, status: http.StatusInternalServerError, token: "proxy_internal_error", code: "internal"}
}

// failureOfExchange keeps the service's status, with two exceptions. A 407 would make a
// browser ask for a password that nobody has. What no service answers ought not to look
// like an answer of the target's.
func failureOfExchange(e *client.Error) *failure {
	if e.Status == 0 {
		return brokenExchange(e)
	}
	f := &failure{err: e, status: e.Status, token: tokenOf(e), code: e.Code, name: codeHeader(e), retryAfter: e.Service.RetryAfter}
	if e.Status == http.StatusProxyAuthRequired || e.Class == client.Unforeseen || e.Err != nil {
		f.status = http.StatusBadGateway
	}
	return f
}

// codeHeader is the header in which the service named its code.
func codeHeader(e *client.Error) string {
	switch {
	case e.Code == "":
		return ""
	case e.Header.Get(headerError) == e.Code:
		return headerError
	}
	return headerZyteError
}

// brokenExchange is a failure without an answer: the endpoint could not be reached,
// or broke off.
func brokenExchange(e *client.Error) *failure {
	f := &failure{err: e, status: http.StatusBadGateway, token: "connection_terminated", code: "network"}
	switch {
	case e.Class == client.Unforeseen: // the client's own body broke off
		f.status, f.token, f.code = http.StatusBadRequest, "http_request_error", "body"
	case e.Class == client.Hopeless:
		f.status, f.token, f.code = http.StatusBadRequest, "http_request_error", "invalid"
	case e.TimedOut():
		f.status, f.token, f.code = http.StatusGatewayTimeout, "http_response_timeout", "timed_out"
		if e.Unsent() {
			f.token = "connection_timeout"
		}
	case e.Unsent():
		f.token = "destination_unavailable"
	}
	return f
}

// tokens are the error types of RFC 9209 that come nearest to the service's codes.
var tokens = map[string]string{
	"bad_session_id":         "http_request_denied",
	"banned":                 "http_request_denied",
	"slavebanned":            "http_request_denied",
	"domain_forbidden":       "http_request_denied",
	"bad_header":             "http_request_error",
	"bad_uri":                "http_request_error",
	"invalid_request":        "http_request_error",
	"bad_endpoint":           "proxy_configuration_error",
	"user_session_limit":     "connection_limit_reached",
	"too_many_conns":         "connection_limit_reached",
	"noslaves":               "destination_unavailable",
	"no_proxies":             "destination_unavailable",
	"serverbusy":             "destination_unavailable",
	"timeout":                "http_response_timeout",
	"msgtimeout":             "http_response_timeout",
	"connect_timeout":        "connection_timeout",
	"econnrefused":           "connection_refused",
	"econnreset":             "connection_terminated",
	"socket_closed_remotely": "connection_terminated",
	"send_failed":            "connection_terminated",
	"client_conn_closed":     "connection_terminated",
	"ehostunreach":           "destination_ip_unroutable",
	"nxdomain":               "dns_error",
	"ssl_tunnel_error":       "tls_protocol_error",
	"internal_error":         "proxy_internal_error",
	"data_error":             "http_response_body_size",
}

// tokensOfClass are those of codes that the table does not know.
var tokensOfClass = map[client.Class]string{
	client.Credentials: "proxy_configuration_error",
	client.SessionDead: "http_request_denied",
	client.Later:       "connection_limit_reached",
	client.Upstream:    "destination_unavailable",
	client.Network:     "connection_terminated",
	client.Hopeless:    "http_request_error",
	client.Unforeseen:  "proxy_internal_response",
}

func tokenOf(e *client.Error) string {
	if token, known := tokens[e.Code]; known {
		return token
	}
	return tokensOfClass[e.Class]
}

// proxyStatus is the value of Proxy-Status (RFC 9209, section 2).
func (f *failure) proxyStatus() string {
	s := "smp; error=" + f.token
	if f.code != "" {
		s += "; details=" + quoted(f.code)
	}
	return s
}

// quoted makes a structured field's string (RFC 8941, section 3.3.3) of s, without
// the characters that such a string has no room for.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r >= ' ' && r < 0x7f:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
