package mock

// Sources of what is known of Zyte API.
const (
	docsProxyMode = "docs.zyte.com/zyte-api/usage/proxy-mode.html"
	docsOpenAPI   = "the vendor's OpenAPI document"
	docsMigration = "docs.zyte.com/zyte-api/migration/zyte/smartproxy.html"
	vendorPlugin  = "scrapy-zyte-api"
)

// zyteFacts are of a mock with --service zyte-api or --translated.
var zyteFacts = []Fact{
	{"zyte sessions", "an ID that no session of the key has begins one; the client makes it, a UUID of version 4", Documented, "keeps to it", docsOpenAPI, ""},
	{"zyte sessions", "Zyte-Session-ID that is no UUID of version 4", Unknown, "400 /request/invalid", noSource, ""},
	{"zyte sessions", "a session ends 15 minutes after it began", Documented, "keeps to it", docsOpenAPI, "--session-max-age"},
	{"zyte sessions", "a session ends 2 minutes after its last use", Documented, "keeps to it", docsOpenAPI, "--session-ttl"},
	{"zyte sessions", "whether its last use is the last request or the last answer", Unknown, "the request's arrival: the earlier one", noSource, "--idle-from-answer"},
	{"zyte sessions", "a session ends after 3 bans in a row", Documented, "keeps to it", docsOpenAPI, ""},
	{"zyte sessions", "which errors are bans", Guessed, "/download/website-ban and /download/temporary-error; another answer of the target's begins the row anew", "their text is the same in captures", ""},
	{"zyte sessions", "for 5 to 10 minutes after its end an ID is refused", Documented, "422 /problem/session-expired, for 10 minutes", docsOpenAPI, "--tombstone"},
	{"zyte sessions", "after that the same ID begins another session", Documented, "keeps to it, and lists the request in its verdict", docsOpenAPI, "--tombstone"},
	{"zyte sessions", "the other session has another outgoing IP", Guessed, "the next one", "a session is what keeps the IP", "--ips"},
	{"zyte sessions", "an IP is fixed when its session begins", Documented, "keeps to it, whatever Zyte-Geolocation says later", vendorPlugin + ", docs/usage/session.rst", ""},
	{"zyte sessions", "422 /problem/over-session-limit for too many sessions", Observed, "keeps to it", vendorPlugin + "'s tests", "--session-limit"},
	{"zyte sessions", "how many sessions are too many", Unknown, "5000, as of Smart Proxy Manager", noSource, "--session-limit"},
	{"zyte sessions", "there is no sessions API", Documented, "404 on /sessions", docsProxyMode, ""},

	{"zyte requests", "one port takes absolute-form requests and CONNECT, over TLS as well", Documented, "as of Smart Proxy Manager", docsProxyMode, ""},
	{"zyte requests", "without a valid key: 407 /auth/proxy-auth-not-valid", Observed, "keeps to it, on CONNECT for https", vendorPlugin, ""},
	{"zyte requests", "realm of the 407", Guessed, "Zyte API", "as of a 401 of its HTTP API", ""},
	{"zyte requests", "over 100 KiB of header, name, value and four bytes a line, are 431 /request/header-size", Observed, "keeps to it", vendorPlugin, ""},
	{"zyte requests", "headers that tell a client's address are 400", Documented, "Via, Forwarded-For, X-Client-IP and all below X-Forwarded- and X-Remote-", docsProxyMode + " lists fifteen", ""},
	{"zyte requests", "Accept, Accept-Encoding and User-Agent are the service's own, unless Zyte-Override-Headers lists them", Documented, "keeps to it; other headers of the client's win", docsProxyMode, ""},
	{"zyte requests", "illegal values of control headers", Unknown, "400 /request/invalid", noSource, ""},
	{"zyte requests", "unknown Zyte-* headers", Unknown, "ignored and removed", noSource, ""},
	{"zyte requests", "Zyte-* and Proxy-* headers do not reach the target", Guessed, "removed", "as of Smart Proxy Manager", ""},
	{"zyte requests", "cookies are kept in a session; the client's own, or Zyte-Cookie-Management: discard, end that", Documented, "keeps to it", docsProxyMode, ""},
	{"zyte requests", "six headers of Smart Proxy Manager's are still taken: Cookies, JobId, Profile, Profile-Pass, Region, Session", Documented, "keeps to it; its others are ignored", docsMigration, ""},
	{"zyte requests", "an X-Crawlera-Session that no session has, and is no UUID", Unknown, "422 /problem/session-expired", noSource, ""},

	{"zyte answers", "every answer has Zyte-Request-ID", Documented, "a UUID, also on the answer to CONNECT", docsProxyMode, ""},
	{"zyte answers", "no answer names the outgoing IP", Observed, "only the target sees it", "none does in captures", ""},
	{"zyte answers", "redirects are followed unless Zyte-Disable-Follow-Redirect is true", Documented, "20 of them", docsProxyMode, ""},
	{"zyte answers", "Zyte-Browser-Html cannot be used with Zyte-Disable-Follow-Redirect", Documented, "400 /request/invalid", docsProxyMode, ""},
	{"zyte answers", "what Zyte-Browser-Html returns", Documented, "the target's body as it is: the mock has no browser", docsProxyMode, ""},
	{"zyte answers", "answers are compressed unasked", Guessed, "gzip, where Accept-Encoding is not overridden", "the documentation's curl needs --compressed", ""},
	{"zyte answers", "a target's own status is passed on", Observed, "keeps to it", vendorPlugin + " takes it so where Zyte-Error-Type is missing", ""},
	{"zyte answers", "errors have Zyte-Error-Type and Zyte-Error-Title", Documented, "keeps to it", docsProxyMode, ""},
	{"zyte answers", "the body of an error", Observed, "a sentence, as in captures; the documentation has a JSON problem", "captures of 2025 and 2026", "--error-body"},
	{"zyte answers", "statuses, types and titles of errors", Documented, "those of the OpenAPI; /download/website-ban and /problem/* are observed, some titles made up", docsOpenAPI, ""},
	{"zyte answers", "with a header of Smart Proxy Manager's an error also has X-Crawlera-Error", Documented, "keeps to it", docsMigration, ""},
	{"zyte answers", "which X-Crawlera-Error belongs to which type", Guessed, "the nearest by meaning", "no pair is documented", ""},
	{"zyte answers", "X-Crawlera-Session on answers to it", Guessed, "as Smart Proxy Manager has it", "a client that sent create could not go on", ""},
	{"zyte answers", "whether errors close the connection", Unknown, "they do, but for 407", noSource, ""},

	{"zyte limits", "the key's requests a minute are limited: 429 /limits/over-user-limit with Retry-After", Documented, "in any minute", docsOpenAPI, "--rpm"},
	{"zyte limits", "the standard limit is 3000 a minute", Documented, "keeps to it", docsMigration, "--rpm"},
	{"zyte limits", "a domain's requests are limited: 429 /limits/over-domain-limit with Retry-After", Documented, "by host; no limit unless asked for", docsOpenAPI, "--domain-rpm"},
	{"zyte limits", "no delay between the requests of a session", Observed, "none", "no source states one", ""},

	{"translated", "the hosts of Smart Proxy Manager's lead to Zyte API", Documented, "smp mock --translated", "docs.zyte.com/smart-proxy-manager/sunset.html", ""},
	{"translated", "whether /sessions is there", Unknown, "404; on: sessions are made, listed and deleted as before", noSource, "--sessions-api"},
}
