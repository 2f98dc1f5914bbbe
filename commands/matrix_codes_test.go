package commands

import (
	"fmt"
	"strings"
)

// codeFaults are the errors of the service, over all its generations. Each has
// its X-Crawlera-Error, the status that goes with it, and the body. The sources
// are the tables of 2015 and 2018, the newer pages, and what was seen on the
// wire. The exit codes are those of the contract, spelt out here once more.
func codeFaults() []fault {
	var faults []fault
	for _, e := range []struct {
		code, status, body string
		exit               int
	}{
		{"bad_session_id", "400 Bad Request", "Bad session ID", 4},
		{"user_session_limit", "400 Bad Request", "Session limit exceeded", 5},
		{"bad_auth", "401 Unauthorized", "Unauthorized mashape request", 3},
		{"bad_auth", "407 Proxy Authentication Required", "", 3},
		{"bad_proxy_auth", "407 Proxy Authentication Required", "Incorrect authentication data", 3},
		{"too_many_conns", "429 Too Many Requests", "Parallel connections limit has been reached", 5},
		{"user_suspended", "403 Forbidden", "User suspended", 3},
		{"header_auth", "470 Unknown Status Code", "Unauthorized header", 3},
		{"headers_auth", "470 Unknown Status Code", `Unauthorized Crawlera Header: "x-crawlera-profile"`, 3},
		{"internal_error", "500 Internal Server Error", "Unexpected error", 6},
		{"nxdomain", "502 Bad Gateway", "Error looking up domain", 10},
		{"ehostunreach", "502 Bad Gateway", "Host is unreachable", 6},
		{"econnrefused", "502 Bad Gateway", "Connection refused", 6},
		{"econnreset", "502 Bad Gateway", "Connection reset by peer", 6},
		{"socket_closed_remotely", "502 Bad Gateway", "The socket has been closed remotely", 6},
		{"send_failed", "502 Bad Gateway", "Send failed", 6},
		{"client_conn_closed", "503 Service Unavailable", "Connection closed by client", 6},
		{"noslaves", "503 Service Unavailable", "No available proxies", 5},
		{"no_proxies", "503 Service Unavailable", "No available proxies", 5},
		{"slavebanned", "503 Service Unavailable", "Website crawl ban", 6},
		{"banned", "503 Service Unavailable", "All download attempts failed. Please retry.", 6},
		{"serverbusy", "503 Service Unavailable", "Server busy: too many outstanding requests", 5},
		{"ssl_tunnel_error", "503 Service Unavailable", "", 6},
		{"timeout", "504 Gateway Timeout", "Connection timed out", 6},
		{"msgtimeout", "504 Gateway Timeout", "Message passing timeout", 6},
		{"connect_timeout", "504 Gateway Timeout", "", 6},
		{"domain_forbidden", "523 Internal Server Error", "The domain is forbidden for crawling\n", 10},
		{"bad_header", "540 Bad Header Value", "Bad header value", 10},
		{"data_error", "541 X", "Response size is too big", 10},
		{"bad_endpoint", "542 X", "wrong endpoint", 10},
		{"bad_uri", "400 Bad Request", "Bad URI", 10},
		{"invalid_request", "400 Bad Request", "Invalid request", 10},
		{"brand_new", "599 X", "never heard of", 6},
		{"brand_new", "200 OK", "well, no", 6},
	} {
		faults = append(faults, refusal(e.code+" "+e.status[:3], e.status, []string{"X-Crawlera-Error: " + e.code}, e.body, e.exit))
	}
	return append(faults, zyteFaults()...)
}

// zyteFaults are errors of Zyte API's dialect, and those that have no code.
func zyteFaults() []fault {
	var faults []fault
	for _, e := range []struct {
		kind, status string
		exit         int
	}{
		{"/auth/key-not-found", "401 Unauthorized", 3},
		{"/auth/account-suspended", "403 Forbidden", 3},
		{"/limits/over-user-limit", "429 Too Many Requests", 5},
		{"/limits/over-global-limit", "503 Service Unavailable", 5},
		{"/request/invalid", "400 Bad Request", 10},
		{"/request/header-too-large", "431 Request Header Fields Too Large", 10},
		{"/download/temporary-error", "520 X", 6},
		{"/download/internal-error", "500 Internal Server Error", 6},
		{"/website/unreachable", "521 X", 6},
		{"/download/domain-forbidden", "451 Unavailable For Legal Reasons", 10},
		{"/session/session-expired", "422 X", 4},
	} {
		body := fmt.Sprintf(`{"type":"https://docs.zyte.com/zyte-api/errors%s","title":"A title","status":%s,"detail":"A detail"}`, e.kind, e.status[:3])
		f := refusal("zyte "+e.kind, e.status, []string{
			"Zyte-Request-ID: 7", "Zyte-Error-Type: https://docs.zyte.com/zyte-api/errors" + e.kind, "Content-Type: application/problem+json",
		}, body, e.exit)
		f.says = "A detail"
		faults = append(faults, f)
	}
	service := []string{"X-Crawlera-Version: 1.43.0", "Retry-After: 900"}
	faults = append(faults,
		refusal("hard limit", "503 Service Unavailable", service, "slow down", 5),
		refusal("407 without code", "407 Proxy Authentication Required", []string{`Proxy-Authenticate: Basic realm="Crawlera"`}, "", 3),
	)
	// Without a word of the service a target's answer is data; not so a refused
	// CONNECT, nor one of the sessions API.
	for _, e := range []struct {
		status       string
		connect, api int
	}{
		{"401 Unauthorized", 3, 3},
		{"403 Forbidden", 1, 1},
		{"404 Not Found", 1, 1},
		{"413 Request Entity Too Large", 10, 1},
		{"429 Too Many Requests", 5, 5},
		{"470 X", 3, 3},
		{"500 Internal Server Error", 6, 1},
		{"523 X", 10, 1},
	} {
		f := refusal("bare "+e.status[:3], e.status, nil, "<h1>no</h1>", 0)
		f.exits = map[string]int{"create": e.api, "list": e.api, "delete": e.api, "fetch CONNECT": e.connect}
		if e.status[:3] == "404" {
			f.exits["delete"] = 4
		}
		f.says = e.status[:3]
		faults = append(faults, f)
	}
	return faults
}

// refusal is an answer of the service's own.
func refusal(name, status string, headers []string, body string, exit int) fault {
	headers = append([]string{"Connection: close", fmt.Sprintf("Content-Length: %d", len(body))}, headers...)
	says, _, _ := strings.Cut(body, "\n")
	if says == "" {
		says = status[:3]
	}
	return fault{name: name, exit: exit, says: says, play: func(p *peer) { p.answer(status, headers, body) }}
}
