package client

import (
	"net/http"
	"strings"
	"testing"
)

// headers makes a header of "Name: value" lines.
func headers(lines ...string) http.Header {
	h := http.Header{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		h.Add(name, strings.TrimSpace(value))
	}
	return h
}

func TestFromService(t *testing.T) {
	t.Parallel()
	const version, slave, retry = "X-Crawlera-Version: 1", "X-Crawlera-Slave: 1.2.3.4:80", "Retry-After: 5"
	tests := []struct {
		name   string
		status int
		header http.Header
		want   bool
	}{
		{"an answer", 200, headers(version, slave), false},
		{"an answer without a trace of the service", 200, headers(), false},
		{"a code", 503, headers("X-Crawlera-Error: banned"), true},
		{"an unknown code", 299, headers("X-Crawlera-Error: brand_new"), true},
		{"an empty code", 200, headers("X-Crawlera-Error:"), true},
		{"Zyte's", 520, headers("Zyte-Error-Type: /download/temporary-error"), true},
		{"407", 407, headers(), true},
		{"407 with an IP", 407, headers(version, slave), false},
		{"a code with an IP", 407, headers(slave, "X-Crawlera-Error: bad_auth"), true},
		{"two codes", 200, headers("X-Crawlera-Error: bad_auth", "X-Crawlera-Error: banned"), true},
		{"the hard limit", 503, headers(version, retry), true},
		{"the hard limit, empty version", 503, headers("X-Crawlera-Version:", retry), true},
		{"a fetched 503", 503, headers(version, slave, retry), false},
		{"503 of nobody", 503, headers(retry), false},
		{"503 without Retry-After", 503, headers(version), false},
		{"429", 429, headers(version, retry), false},
		{"401", 401, headers(version), false},
		{"404", 404, headers(version), false},
		{"500", 500, headers(version), false},
		{"403 of Zyte's", 403, headers("Zyte-Request-ID: x"), false},
	}
	for _, tt := range tests {
		if got := fromService(tt.status, tt.header); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestClassify(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status int
		header http.Header
		want   Class
	}{
		{407, headers(), Credentials},
		{407, headers("X-Crawlera-Error: bad_proxy_auth"), Credentials},
		{401, headers("X-Crawlera-Error: bad_auth"), Credentials},
		{470, headers("X-Crawlera-Error: headers_auth"), Credentials},
		{470, headers("X-Crawlera-Error:"), Credentials},
		{400, headers("X-Crawlera-Error: bad_session_id"), SessionDead},
		{400, headers("X-Crawlera-Error: user_session_limit"), Later},
		{503, headers("X-Crawlera-Error: banned"), Upstream},
		{503, headers("X-Crawlera-Error: banned", "Retry-After: 1"), Upstream},
		{503, headers("X-Crawlera-Version: 1", "Retry-After: 1"), Later},
		{429, headers("X-Crawlera-Error: brand_new"), Upstream},
		{401, headers("X-Crawlera-Error: bad_auth", "X-Crawlera-Error: banned"), Upstream},
		{401, headers("X-Crawlera-Error: bad_auth", "X-Crawlera-Error: bad_auth"), Credentials},
		{401, headers("Zyte-Error-Type: /brand/new"), Upstream},
		{499, headers("X-Crawlera-Error: client_conn_closed"), Upstream},
		{413, headers("X-Crawlera-Error:"), Hopeless},
		{500, headers("X-Crawlera-Error:"), Upstream},
		{400, headers("X-Crawlera-Error:"), Upstream},
		{523, headers("X-Crawlera-Error: domain_forbidden"), Hopeless},
		{541, headers("X-Crawlera-Error:"), Hopeless},
		{502, headers("X-Crawlera-Error: nxdomain"), Hopeless},

		{400, headers("Zyte-Error-Type: /request/invalid"), Hopeless},
		{401, headers("Zyte-Error-Type: /auth/key-not-found"), Credentials},
		{403, headers("Zyte-Error-Type: /auth/account-suspended"), Credentials},
		{421, headers("Zyte-Error-Type: /website/domain-unreachable"), Hopeless},
		{422, headers("Zyte-Error-Type: /problem/session-expired"), SessionDead},
		{422, headers("Zyte-Error-Type: /problem/over-session-limit"), Later},
		{429, headers("Zyte-Error-Type: /limits/over-domain-limit"), Later},
		{451, headers("Zyte-Error-Type: /download/domain-forbidden"), Hopeless},
		{500, headers("Zyte-Error-Type: /server/internal"), Upstream},
		{503, headers("Zyte-Error-Type: /extractor/over-global-limit"), Later},
		{503, headers("Zyte-Error-Type: /problem/session-creation-error"), Later},
		{521, headers("Zyte-Error-Type: https://docs.zyte.com/download/internal-error"), Upstream},
		{520, headers("Zyte-Error-Type: /download/website-ban"), Upstream},
		{422, headers("Zyte-Error-Type: /brand/new"), Upstream},
		{422, headers("X-Crawlera-Error: bad_session_id", "Zyte-Error-Type: /request/unprocessable"), SessionDead},
		{520, headers("X-Crawlera-Error: brand_new", "Zyte-Error-Type: /limits/over-user-limit"), Later},

		// These refuse a CONNECT.
		{403, headers(), Unforeseen},
		{302, headers(), Unforeseen},
		{204, headers(), Unforeseen},
		{429, headers(), Later},
		{502, headers(), Upstream},
		{503, headers(), Upstream},
		{503, headers("Retry-After: 5"), Later},
	}
	for _, tt := range tests {
		resp := &http.Response{StatusCode: tt.status, Header: tt.header}
		if got := classify(resp, tt.header.Get(headerZyteError), classOfProxy); got != tt.want {
			t.Errorf("%d %v: %v, want %v", tt.status, tt.header, got, tt.want)
		}
	}
}

func TestClassOfAPI(t *testing.T) {
	t.Parallel()
	tests := []struct {
		method string
		status int
		header http.Header
		want   Class
	}{
		{"POST", 401, headers(), Credentials},
		{"GET", 407, headers(), Credentials},
		{"DELETE", 470, headers(), Credentials},
		{"POST", 429, headers(), Later},
		{"POST", 503, headers("Retry-After: 3"), Later},
		{"DELETE", 404, headers(), SessionDead},
		{"DELETE", 410, headers(), SessionDead},
		{"DELETE", 400, headers("X-Crawlera-Error: bad_session_id"), SessionDead},
		{"DELETE", 405, headers(), Unforeseen},
		{"GET", 404, headers(), Unforeseen},
		{"POST", 404, headers(), Unforeseen},
		{"POST", 500, headers(), Unforeseen},
		{"POST", 503, headers(), Unforeseen},
		{"POST", 413, headers(), Unforeseen},
		{"POST", 301, headers(), Unforeseen},
		{"GET", 410, headers(), Unforeseen},
		{"POST", 422, headers(), Unforeseen},
		{"POST", 500, headers("Retry-After: 1"), Unforeseen},
		{"POST", 502, headers("X-Crawlera-Version: 1"), Unforeseen},
		{"POST", 400, headers("X-Crawlera-Error: user_session_limit"), Later},
		{"GET", 542, headers("X-Crawlera-Error: bad_endpoint"), Hopeless},
	}
	for _, tt := range tests {
		resp := &http.Response{StatusCode: tt.status, Header: tt.header, Request: &http.Request{Method: tt.method}}
		if got := classify(resp, "", classOfAPI); got != tt.want {
			t.Errorf("%s %d %v: %v, want %v", tt.method, tt.status, tt.header, got, tt.want)
		}
	}
}

func TestPredicates(t *testing.T) {
	t.Parallel()
	for code := range classOfCode {
		e := &Error{Code: code, Class: classOfCode[code]}
		if e.Banned() != strings.HasSuffix(code, "banned") {
			t.Errorf("%s: Banned is %v", code, e.Banned())
		}
		if e.SessionLimit() != (code == "user_session_limit") {
			t.Errorf("%s: SessionLimit is %v", code, e.SessionLimit())
		}
	}
	for class, want := range map[Class]bool{Unforeseen: false, Credentials: false, SessionDead: false, Later: true, Upstream: true, Network: true, Hopeless: false} {
		if got := (&Error{Class: class}).Repeatable(); got != want {
			t.Errorf("%v: Repeatable is %v", class, got)
		}
	}
	if !(&Error{Code: "/download/temporary-error"}).Banned() || (&Error{}).Banned() {
		t.Error("Banned is wrong in Zyte's dialect")
	}
	if !(&Error{Status: 407}).ProxyAuth() || (&Error{Status: 401}).ProxyAuth() {
		t.Error("ProxyAuth is wrong")
	}
}

// The class of every code, type and status that is known decides an exit code.
func TestClassOfAllThatIsKnown(t *testing.T) {
	t.Parallel()
	for class, codes := range map[Class]string{
		SessionDead: "bad_session_id",
		Credentials: "bad_proxy_auth bad_auth header_auth headers_auth user_suspended",
		Later:       "user_session_limit too_many_conns noslaves no_proxies serverbusy",
		Upstream: "banned slavebanned timeout msgtimeout connect_timeout econnrefused econnreset ehostunreach " +
			"socket_closed_remotely send_failed client_conn_closed ssl_tunnel_error internal_error never_heard_of",
		Hopeless: "bad_header domain_forbidden data_error nxdomain bad_endpoint bad_uri invalid_request",
	} {
		for code := range strings.FieldsSeq(codes) {
			for _, status := range []int{200, 401, 407, 413, 503} { // the code decides, not the status
				resp := &http.Response{StatusCode: status, Header: headers("X-Crawlera-Error: " + code)}
				if got := classify(resp, "", classOfProxy); got != class {
					t.Errorf("%s with %d: %v, want %v", code, status, got, class)
				}
			}
			for _, problem := range []string{"/limits/over-user-limit", "/request/invalid"} { // and not a type beside it
				resp := &http.Response{StatusCode: 520, Header: headers("X-Crawlera-Error: " + code)}
				if got := classify(resp, problem, classOfProxy); got != class && code != "never_heard_of" {
					t.Errorf("%s beside %s: %v, want %v", code, problem, got, class)
				}
			}
		}
	}
	for class, types := range map[Class]string{
		SessionDead: "/session/session-expired /problem/session-expired",
		Credentials: "/auth/key-not-found /auth/account-suspended",
		Later: "/limits/over-user-limit /limits/over-domain-limit /extractor/over-global-limit /problem/over-session-limit " +
			"/problem/session-creation-error",
		Upstream: "/download/temporary-error /download/internal-error /website/unreachable /server/internal /brand/new",
		Hopeless: "/request/invalid /download/domain-forbidden /website/domain-forbidden /website/domain-unreachable",
	} {
		for problem := range strings.FieldsSeq(types) {
			for _, status := range []int{200, 401, 407, 413, 503} {
				resp := &http.Response{StatusCode: status, Header: headers("Zyte-Error-Type: " + problem)}
				if got := classify(resp, problem, classOfProxy); got != class {
					t.Errorf("%s with %d: %v, want %v", problem, status, got, class)
				}
			}
		}
	}
	for status, class := range map[int]Class{
		401: Credentials, 407: Credentials, 470: Credentials,
		429: Later,
		413: Hopeless, 431: Hopeless, 422: Hopeless, 451: Hopeless, 523: Hopeless, 540: Hopeless, 541: Hopeless, 542: Hopeless,
		500: Upstream, 502: Upstream, 503: Upstream, 504: Upstream, 599: Upstream,
		302: Unforeseen, 400: Unforeseen, 403: Unforeseen, 404: Unforeseen, 499: Unforeseen,
	} {
		if got := classOfProxy(&http.Response{StatusCode: status, Header: http.Header{}}); got != class {
			t.Errorf("%d: %v, want %v", status, got, class)
		}
	}
}

// A problem type that only the body names decides as one in a header does.
func TestClassOfATypeInTheBody(t *testing.T) {
	t.Parallel()
	for problem, want := range map[string]Class{"/brand/new": Upstream, "/auth/key-not-found": Credentials, "": Unforeseen} {
		resp := &http.Response{StatusCode: http.StatusForbidden, Header: headers()}
		if got := classify(resp, problem, classOfProxy); got != want {
			t.Errorf("%q: %v, want %v", problem, got, want)
		}
	}
	// Of two that differ neither is believed, but that it is the service's stays.
	resp := &http.Response{StatusCode: 401, Header: headers("Zyte-Error-Type: /auth/key-not-found", "Zyte-Error-Type: /limits/over-user-limit")}
	if got := classify(resp, believed(resp.Header, headerZyteError), classOfProxy); got != Upstream {
		t.Errorf("two types: %v", got)
	}
}
