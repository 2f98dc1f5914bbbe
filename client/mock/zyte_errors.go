package mock

import (
	"encoding/json"
	"net/http"
	"strings"
)

// problem is an error of Zyte API, by its type.
type problem struct {
	status int
	title  string
	detail string
	legacy string // X-Crawlera-Error beside the type; "" is none
}

// problems are the types of the vendor's OpenAPI and those seen in captures. The
// pairs of type and legacy code are inferred: that there are pairs is documented,
// which they are is not.
var problems = map[string]problem{
	"/request/invalid":            {400, "Bad Request", "The request is not valid.", "bad_header"},
	"/request/invalid-json":       {400, "Invalid JSON", "The request is not valid JSON.", "bad_header"},
	"/request/unprocessable":      {422, "Unprocessable Request", "The request cannot be processed.", "bad_header"},
	"/request/header-size":        {431, "Request Header Fields Too Large", "The request headers are over 100 KiB.", "bad_header"},
	"/auth/not-valid":             {401, "Authentication Info Invalid", "The authentication info is not valid.", "bad_proxy_auth"},
	"/auth/key-not-found":         {401, "Authentication Key Not Found", "The authentication key is not known.", "bad_proxy_auth"},
	"/auth/account-suspended":     {403, "Account Suspended", "The account is suspended.", "user_suspended"},
	"/auth/proxy-auth-not-valid":  {407, "Proxy Authentication Info Invalid", "The proxy authentication info is not valid.", "bad_proxy_auth"},
	"/website/domain-unreachable": {421, "Domain Unreachable", "The domain cannot be reached.", "nxdomain"},
	"/limits/over-user-limit":     {429, "Over User Limit", "The requests per minute of the key are over its limit.", "too_many_conns"},
	"/limits/over-domain-limit":   {429, "Over Domain Limit", "The requests to the domain are over its limit.", "too_many_conns"},
	"/limits/over-org-domain-limit": {
		429, "Over Organisation Domain Limit", "The organisation's requests to the domain are over their limit.", "too_many_conns",
	},
	"/download/domain-forbidden":      {451, "Domain Forbidden", "The domain is forbidden.", "domain_forbidden"},
	"/server/internal":                {500, "Internal Server Error", "Something went wrong.", "internal_error"},
	"/server/timed-out":               {500, "Request Timed Out", "The request took too long.", "timeout"},
	"/limits/over-global-limit":       {503, "Global Requests Limit Reached", "The service is over its limit.", "serverbusy"},
	"/extractor/over-global-limit":    {503, "Global Requests Limit Reached", "The extractor is over its limit.", "serverbusy"},
	"/download/temporary-error":       {520, "Temporary Downloading Error", "There is a downloading problem which might be temporary.", "banned"},
	"/download/website-ban":           {520, "Website Ban", "There is a downloading problem which might be temporary.", "banned"},
	"/download/internal-error":        {521, "Internal Downloading Error", "There is an internal downloading problem.", "internal_error"},
	"/problem/session-expired":        {422, "Session Expired", "The session has expired.", "bad_session_id"},
	"/problem/over-session-limit":     {422, "Over Session Limit", "The number of sessions is over its limit.", "user_session_limit"},
	"/problem/session-creation-error": {503, "Session Creation Error", "The session could not be created.", ""},
}

// problemType finds a type by its whole name or by its last part.
func problemType(name string) (string, bool) {
	if _, known := problems[name]; known || strings.HasPrefix(name, "/") {
		return name, known
	}
	for _, area := range []string{"download", "limits", "problem", "request", "auth", "website", "server"} {
		whole := "/" + area + "/" + name
		if _, known := problems[whole]; known {
			return whole, true
		}
	}
	return "", false
}

// typeOfCode is what Zyte API calls that which Smart Proxy Manager has a code for.
var typeOfCode = map[string]string{
	"bad_proxy_auth":     "/auth/proxy-auth-not-valid",
	"bad_auth":           "/auth/proxy-auth-not-valid",
	"bad_session_id":     "/problem/session-expired",
	"user_session_limit": "/problem/over-session-limit",
	"nxdomain":           "/website/domain-unreachable",
	"domain_forbidden":   "/download/domain-forbidden",
	"internal_error":     "/server/internal",
	"client_conn_closed": "/server/internal",
	"data_error":         "/download/internal-error",
	"too_many_conns":     "/limits/over-user-limit",
}

// asProblem puts a refusal into the terms of Zyte API. One whose code is a type
// already is complete.
func (r *refusal) asProblem() *refusal {
	if strings.HasPrefix(r.code, "/") {
		return r
	}
	name, known := typeOfCode[r.code]
	switch {
	case known:
	case r.status == http.StatusRequestEntityTooLarge:
		name = "/request/header-size"
	case r.status < 500 || r.code == "bad_endpoint":
		name = "/request/invalid"
	default:
		name = "/download/temporary-error"
	}
	return problemOf(name)
}

// problemOf is the refusal of that type; one that is not known is a 520 like those
// of the downloads.
func problemOf(name string) *refusal {
	p, known := problems[name]
	if !known {
		p = problem{status: 520, title: name, detail: name}
	}
	return &refusal{status: p.status, code: name, title: p.title, body: p.detail, legacy: p.legacy}
}

// invalid is the refusal of a header that makes no sense.
func invalid(detail string) *refusal {
	r := problemOf("/request/invalid")
	r.body = detail
	return r
}

// isBan reports whether a type counts towards the three bans that end a session.
func isBan(name string) bool {
	return name == "/download/website-ban" || name == "/download/temporary-error"
}

// problemBody is the body of an error, in the form of the documents or of the captures.
func (s *Server) problemBody(r *refusal) string {
	if s.cfg.ErrorBody != errorBodyJSON {
		if isBan(r.code) && r.retry != "" {
			return r.body + " Retry in N seconds from 'Retry-After' header."
		}
		return r.body
	}
	body, err := json.Marshal(struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
	}{r.code, r.title, r.status, r.body})
	if err != nil {
		return r.body
	}
	return string(body)
}
