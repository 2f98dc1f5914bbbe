package mock

import "slices"

// Mark says how well a behaviour of the service is known.
type Mark string

// The marks, from certain to arbitrary.
const (
	Documented Mark = "documented" // the vendor's documentation says so
	Observed   Mark = "observed"   // a capture shows it, or real clients rely on it
	Guessed    Mark = "guessed"    // inferred from what is known
	Unknown    Mark = "unknown"    // nothing is known; what the mock does is arbitrary
)

// Fact is one behaviour of the service and what the mock makes of it.
type Fact struct {
	Area   string `json:"area"`           // "sessions", "credentials", "https", "headers", "pacing", "errors", "answers"; of Zyte API's "zyte …" and "translated"
	Fact   string `json:"fact"`           // the behaviour or, where it is unknown, the question
	Mark   Mark   `json:"mark"`           // how well it is known
	Mock   string `json:"mock"`           // what the mock does
	Source string `json:"source"`         // where it is known from, or why it is guessed
	Flag   string `json:"flag,omitempty"` // of smp mock: what changes it, "" nothing
}

// Facts returns the table of what the mock keeps to, in the order of the
// service's documentation. The caller may change it.
func Facts() []Fact { return slices.Concat(facts, zyteFacts) }

// Sources that many rows name.
const (
	docsAPI      = "docs.zyte.com/smart-proxy-manager.html"
	docsSessions = "docs.zyte.com/smart-proxy-manager/sessions.html"
	docsErrors   = "docs.zyte.com/smart-proxy-manager/errors.html"
	docsOld      = "crawlera.rst of 2019"
	noSource     = "no source says"
)

var facts = []Fact{
	{"sessions", "POST /sessions answers the bare session ID as text", Documented, "a number, without a newline", docsSessions + "; clients put the text into a header as it is", ""},
	{"sessions", "its status is 200", Observed, "200", "clients require exactly that", ""},
	{"sessions", "the answer to POST /sessions has X-Crawlera-Session as well", Observed, "sends both", "unpaywall reads the header, the vendor's browser clients the body", ""},
	{"sessions", "session IDs are decimal numbers of seven digits", Documented, "makes such numbers; clients must not rely on it", docsOld + " (samples)", "--seed"},
	{"sessions", "/sessions/ is the same as /sessions", Observed, "accepts both", "third-party clients use either", ""},
	{"sessions", "GET /sessions answers a JSON object, session ID to outgoing IP", Documented, "an object of strings", docsSessions, ""},
	{"sessions", "whether the listed IP has a port", Unknown, "lists the IP alone", "listed as “slave” in " + docsOld + ", and a slave is IP:PORT elsewhere", "--list-ports"},
	{"sessions", "GET /sessions without sessions", Unknown, "answers {}", noSource, ""},
	{"sessions", "the IP of a session is chosen when it is created", Unknown, "binds it at POST, so that GET can name it", noSource, ""},
	{"sessions", "how sessions are spread over outgoing IPs", Unknown, "they share a fixed number of IPs in turn", noSource, "--ips"},
	{"sessions", "DELETE /sessions/ID answers 204", Observed, "204 without a body", "one client requires exactly 204, the vendor's proxy anything below 400", ""},
	{"sessions", "DELETE of an unknown session", Unknown, "400 bad_session_id", noSource, "--delete-status"},
	{"sessions", "other methods on /sessions, and /sessions/ID but for DELETE", Unknown, "542 bad_endpoint, as for any unknown path", noSource, ""},
	{"sessions", "a session ends 30 minutes after its last request", Documented, "keeps to it", docsSessions, "--session-ttl"},
	{"sessions", "whether that time begins with the request or with its answer", Unknown, "with the answer: a request may be held for 15 minutes", noSource, ""},
	{"sessions", "POST starts that time as a request does", Guessed, "starts it", "a session that is never used has to end as well", ""},
	{"sessions", "at most 5000 sessions live at once; one more is 400 user_session_limit", Documented, "keeps to it", docsSessions, "--session-limit"},
	{"sessions", "an unknown or ended session is 400 bad_session_id", Documented, "without reaching the target", docsSessions, ""},
	{"sessions", "an ID works no more once it is deleted", Guessed, "400 bad_session_id, for held requests too", "an ID that does not exist is “incorrect”", ""},
	{"sessions", "an empty or malformed X-Crawlera-Session", Unknown, "400 bad_session_id", noSource, ""},
	{"sessions", "X-Crawlera-Session: create makes a session whose ID is on the answer", Documented, "on every answer to it, redirects and errors too", docsSessions, ""},
	{"sessions", "answers within a session name it in X-Crawlera-Session, errors too", Observed, "names it", "the vendor's Splash script and headless proxy lose a session otherwise", ""},
	{"sessions", "a ban poisons its session: it answers 503 banned until it is replaced", Observed, "keeps to it, without reaching the target", "experiments in scrapy-zyte-smartproxy #30", "--fault"},
	{"sessions", "sessions by plan", Unknown, "470 on basic, POST /sessions included; allowed on advanced and enterprise", "sources disagree over the years; basic was refused in 2020", "--plan"},
	{"sessions", "X-Crawlera-Region with a session", Unknown, "400 invalid_request", docsSessions + " calls them incompatible and names no code", ""},

	{"credentials", "the API key is the user name of Basic credentials, the password is ignored", Observed, "ignores it", "clients send KEY:, KEY:DUMMY or KEY alone", "--api-key"},
	{"credentials", "without valid Proxy-Authorization: 407 bad_proxy_auth with Proxy-Authenticate", Documented, "realm Crawlera, as captured", docsAPI, ""},
	{"credentials", "text of the 407", Unknown, "the documented one, “Incorrect authentication data”", "a capture of 2020 has an empty body", "--empty-407"},
	{"credentials", "whether a 407 closes the connection", Unknown, "leaves it open for clients that try without credentials first", "a capture of 2020 closes it", "--close-on-407"},
	{"credentials", "X-Crawlera-Version on a 407", Guessed, "sends it", "scrapy-zyte-smartproxy could not retry a 407 without it", ""},
	{"credentials", "/sessions without valid credentials", Unknown, "401 bad_proxy_auth with WWW-Authenticate", noSource, "--sessions-auth-status"},

	{"https", "the port serves the sessions API, absolute-form requests and CONNECT", Documented, "serves them all, over TLS as well", docsAPI, ""},
	{"https", "CONNECT opens a tunnel that is intercepted with the service's own CA", Documented, "answers 200, as clients require; the CA is made at start, /_mock/ca.pem", docsAPI, ""},
	{"https", "CONNECT needs no Host header", Observed, "accepts it without", "httransform sends none", ""},
	{"https", "control headers are those of the request inside the tunnel", Observed, "reads them there", "clients send them there alone", ""},
	{"https", "the requests of one tunnel may name different sessions", Guessed, "each goes out in its own", "the headers are those of each request", ""},
	{"https", "errors come inside the tunnel too", Guessed, "CONNECT is refused for credentials, size and a malformed target only", "clients read X-Crawlera-Error there", ""},
	{"https", "X-Crawlera-* headers on CONNECT", Unknown, "ignored", noSource, ""},
	{"https", "Proxy-Authorization inside the tunnel", Observed, "accepted, not needed, not forwarded; a wrong one is 407", "the vendor's headless proxy sends it, curl does not", ""},
	{"https", "HTTP/1.1 inside the tunnel", Guessed, "offers nothing else in ALPN", "clients compare header names with their case", ""},
	{"https", "GET https://… without CONNECT", Observed, "fetched as https", "accepted until 2018 at least", ""},

	{"headers", "more than 100 KiB of request headers are 413", Documented, "counts them and refuses", docsAPI, ""},
	{"headers", "Upgrade, as to WebSocket", Unknown, "501 without an error code; an offer of h2c is ignored", noSource, ""},
	{"headers", "X-Crawlera-* and Proxy-* do not reach the target", Guessed, "removed", "httpbin's echoes in the documentation show none", ""},
	{"headers", "X-Crawlera-Profile: pass, desktop or mobile; anything else is 540 bad_header", Documented, "keeps to it", docsAPI, ""},
	{"headers", "illegal values of other control headers", Guessed, "540 bad_header; X-Crawlera-Debug and -No-Bancheck take anything", "as for X-Crawlera-Profile", ""},
	{"headers", "X-Crawlera-Timeout is clamped to 30000–180000 ms, and its end is 504 timeout", Documented, "keeps to it; it ends a target that is silent, not a slow client", docsOld, "--time-scale"},
	{"headers", "a request outside sessions is tried three times", Documented, "keeps to it", docsAPI + "; it was 5 retries in " + docsOld, "--attempts"},
	{"headers", "which failures are tried again", Unknown, "bans, time-outs and broken connections to the target", noSource, ""},
	{"headers", "X-Crawlera-Max-Retries re-enables retries in a session", Documented, "keeps to it", docsSessions + "; until 2019 it had no effect there", "--no-session-retries"},
	{"headers", "a header the plan lacks is 470", Documented, "on the plans basic and advanced", docsErrors, "--plan"},
	{"headers", "error code of that 470", Observed, "headers_auth", "a capture of 2019; the documentation writes header_auth", "--header-auth-code"},
	{"headers", "which headers a plan lacks", Unknown, "advanced: the profile pass; basic: also sessions, Profile-Pass, No-Bancheck and Cookies but for discard", "the documentation's table lost its marks", "--plan"},
	{"headers", "without X-Crawlera-Profile the profile is desktop on smaller plans and none on enterprise", Documented, "keeps to it", docsAPI, "--plan"},
	{"headers", "what a profile sends", Unknown, "User-Agent, Accept and Accept-Language of some browser", "the documentation shows one example", ""},
	{"headers", "X-Crawlera-Cookies: enable, disable or discard, which smaller plans start with", Documented, "keeps to it", docsAPI, "--plan"},
	{"headers", "cookies are kept for an outgoing IP until 15 minutes after its last request", Documented, "for requests in sessions", docsOld, ""},
	{"headers", "unknown X-Crawlera-* headers", Unknown, "ignored and removed", noSource, ""},

	{"pacing", "requests of one outgoing IP are 12 s apart", Documented, "holds a request that comes before its slot", docsSessions, "--delay"},
	{"pacing", "the delay counts per IP, for all targets together", Guessed, "one delay per IP", docsSessions + " speaks of the IP, and of other delays for popular domains", ""},
	{"pacing", "an early request raises the delay", Documented, "keeps to it", docsSessions, ""},
	{"pacing", "by how much, and how it falls again", Unknown, "by a fixed step for each early request; one that is not early takes a step back", noSource, "--growth"},
	{"pacing", "when a request is early", Unknown, "sooner than the plain delay after the one before it arrived, or after its release where that one was held for its own haste; within 2 % of the delay it is not. A first request counts from its CONNECT", noSource, "--tolerance"},
	{"pacing", "a client that leaves while its request is held", Unknown, "gives back its slot and what it added to the delay, whoever stands behind it", noSource, ""},
	{"pacing", "requests without a session", Guessed, "go through any IP and are never held", "the service chooses an IP that is free", ""},
	{"pacing", "a request is held 15 minutes at most", Documented, "keeps to it", docsSessions, "--max-delay"},
	{"pacing", "from a delay of 120 s answers carry X-Crawlera-Next-Request-In", Documented, "while the IP's delay, or the time until its next slot, is that long; it says that time", docsSessions, "--soft-limit"},
	{"pacing", "its unit is the second", Guessed, "seconds with a fraction, divided by the time scale", "the limits beside it are in seconds", "--time-scale"},
	{"pacing", "at 1000 s of delay requests are refused with 503 and Retry-After", Documented, "off, since the cap of 15 minutes comes first; no error code, for none is known", docsOld, "--hard-limit"},
	{"pacing", "parallel requests over the plan's limit are 429 too_many_conns", Documented, "no limit unless asked for", docsErrors, "--concurrency-limit"},
	{"pacing", "Retry-After on a 429, and whether CONNECT counts", Unknown, "none, and it does not", noSource, ""},

	{"errors", "an error has its code in X-Crawlera-Error and a text in its body", Documented, "the newest known texts", docsErrors, ""},
	{"errors", "whether the text ends in a newline", Observed, "it does not", "clients compare whole bodies; a capture of 2015 has one", "--error-newline"},
	{"errors", "errors close the connection", Observed, "Connection: close and Proxy-Connection: close, but for 407", "captures of 2015, 2019 and 2020", ""},
	{"errors", "the reason phrase of 523 is Internal Server Error", Observed, "keeps to it", "a capture of 2015", ""},
	{"errors", "reason phrases of 470, 540, 541, 542", Unknown, "Bad Request below 500, else Internal Server Error", noSource, ""},
	{"errors", "statuses of invalid_request, user_suspended and ssl_tunnel_error", Unknown, "400, 403 and 502", noSource, ""},
	{"errors", "a target whose path has a % without two digits behind it", Unknown, "400 without an error code: Go's server reads no such path", noSource, ""},
	{"errors", "bad_uri is 401", Documented, "for a malformed target of CONNECT as well", docsErrors, ""},
	{"errors", "texts of these, and of bad_uri, bad_endpoint and connect_timeout", Unknown, "made up", noSource, ""},
	{"errors", "a path that the port does not know is 542 bad_endpoint", Documented, "with that status; its text is made up", docsErrors, ""},

	{"answers", "answers of a target name the outgoing IP in X-Crawlera-Slave, as IP:PORT", Observed, "names it; errors of the service do not", "captures of 2019 and 2020", ""},
	{"answers", "every answer has X-Crawlera-Version", Observed, "1.43.0-mock", "scrapy-zyte-smartproxy ignores answers without it", ""},
	{"answers", "redirects are not followed", Documented, "passed on", "docs.zyte.com, migration from Smart Proxy Manager", ""},
	{"answers", "an answer over 500 MB is 541 data_error", Documented, "541 where its length is announced, else it breaks off there", docsErrors, "--response-limit"},
	{"answers", "X-Crawlera-Debug: request-time and ua", Documented, "adds X-Crawlera-Debug-Request-Time and X-Crawlera-Debug-UA", docsOld, ""},
}
