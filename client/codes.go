package client

import (
	"net/http"
	"strings"
)

// classOfCode is every X-Crawlera-Error known by name, over all generations of the
// service. The protocol documents list them in 2015, in 2018 and later; others
// were seen on the wire. The service may invent others at any time.
var classOfCode = map[string]Class{
	"bad_session_id": SessionDead,

	"bad_proxy_auth": Credentials,
	"bad_auth":       Credentials,
	"header_auth":    Credentials, // in the documents
	"headers_auth":   Credentials, // on the wire
	"user_suspended": Credentials,

	"user_session_limit": Later,
	"too_many_conns":     Later,
	"noslaves":           Later,
	"no_proxies":         Later,
	"serverbusy":         Later,

	"banned":                 Upstream,
	"slavebanned":            Upstream,
	"timeout":                Upstream,
	"msgtimeout":             Upstream,
	"connect_timeout":        Upstream,
	"econnrefused":           Upstream,
	"econnreset":             Upstream,
	"ehostunreach":           Upstream,
	"socket_closed_remotely": Upstream,
	"send_failed":            Upstream,
	"client_conn_closed":     Upstream,
	"ssl_tunnel_error":       Upstream,
	"internal_error":         Upstream,

	"bad_header":       Hopeless,
	"domain_forbidden": Hopeless,
	"data_error":       Hopeless,
	"nxdomain":         Hopeless,
	"bad_endpoint":     Hopeless,
	"bad_uri":          Hopeless,
	"invalid_request":  Hopeless,
}

// zyteTypes classifies the problem types of Zyte API's dialect by a part of the type.
// The first match decides; all other types are Upstream.
var zyteTypes = []struct {
	part  string
	class Class
}{
	{"session-expired", SessionDead},
	{"domain-forbidden", Hopeless},
	{"domain-unreachable", Hopeless}, // the OpenAPI document says not to retry
	{"over-session-limit", Later},
	{"over-global-limit", Later},
	{"session-creation-error", Later},
	{"/limits/", Later},
	{"/auth/", Credentials},
	{"/request/", Hopeless},
}

// classOfStatus is what a status means from the service itself, where no code
// says more. Those of 470 and up are the service's own.
var classOfStatus = map[int]Class{
	http.StatusUnauthorized:                Credentials,
	http.StatusProxyAuthRequired:           Credentials,
	470:                                    Credentials, // header not in the plan
	http.StatusTooManyRequests:             Later,
	http.StatusRequestEntityTooLarge:       Hopeless, // head over 100 KiB
	http.StatusRequestHeaderFieldsTooLarge: Hopeless, // the same in Zyte's dialect
	http.StatusUnprocessableEntity:         Hopeless,
	http.StatusUnavailableForLegalReasons:  Hopeless,
	523:                                    Hopeless, // domain forbidden
	540:                                    Hopeless, // bad header value
	541:                                    Hopeless, // answer too big
	542:                                    Hopeless, // wrong endpoint
}

// classify finds the class of an answer of the service's own: by its code, else by
// byStatus.
func classify(resp *http.Response, zyteType string, byStatus func(*http.Response) Class) Class {
	code := believed(resp.Header, headerError)
	if class, known := classOfCode[code]; known {
		return class
	}
	for _, t := range zyteTypes {
		if strings.Contains(zyteType, t.part) {
			return t.class
		}
	}
	if zyteType != "" || resp.Header.Get(headerError) != "" || resp.Header.Get(headerZyteError) != "" {
		return Upstream // a code that is not known, or not believed
	}
	return byStatus(resp)
}

// classOfProxy is the class of a status where a target was asked for.
func classOfProxy(resp *http.Response) Class {
	class, known := classOfStatus[resp.StatusCode]
	switch {
	case known:
		return class
	case throttled(resp):
		return Later
	case resp.StatusCode >= 500 || fromService(resp.StatusCode, resp.Header):
		return Upstream
	}
	return Unforeseen
}

// classOfAPI is the class of a status of /sessions. The answer to a wrong key is not
// known (UNK): 401 and 407 both stand for one. The answer for an unknown session is
// not known either: 404 and 410 are assumed. No other refusal of a sessions API is
// known.
func classOfAPI(resp *http.Response) Class {
	class, known := classOfStatus[resp.StatusCode]
	switch {
	case known && class != Hopeless:
		return class
	case throttled(resp):
		return Later
	case resp.Request.Method == http.MethodDelete &&
		(resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone):
		return SessionDead
	}
	return Unforeseen
}

func throttled(resp *http.Response) bool {
	return resp.StatusCode == http.StatusServiceUnavailable && has(resp.Header, headerRetryAfter)
}
