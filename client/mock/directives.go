package mock

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// X-Crawlera-Cookies.
const (
	cookiesEnable  = "enable"  // the service's cookies win
	cookiesDisable = "disable" // only the client's are sent
	cookiesDiscard = "discard" // none
)

// Bounds of X-Crawlera-Timeout; its default is the lower one.
const (
	minTimeout = 30 * time.Second
	maxTimeout = 180 * time.Second
)

// directives are the control headers of one request, parsed.
type directives struct {
	session     string
	hasSession  bool
	retries     int // -1 is not asked for
	timeout     time.Duration
	cookies     string
	profile     string   // "", "pass", "desktop" or "mobile"
	userAgent   string   // the same, from the older header
	profilePass []string // the client's headers that replace the profile's

	acceptEncoding string // the service's own toward the target; "" is the client's

	debugTime bool
	debugUA   bool
}

// directives parses the control headers, or says why they are refused. The plan
// is checked first: the service refuses such a header whatever its value.
func (s *Server) directives(h http.Header) (directives, *refusal) {
	w := directives{retries: -1, timeout: minTimeout, cookies: s.defaultCookies(), profile: s.defaultProfile()}
	if !hasControl(h) {
		return w, nil
	}
	for _, header := range controlHeaders {
		value, given := first(h, header.name)
		if !given {
			continue
		}
		if s.planForbids(header.name, value) {
			return w, s.unauthorised(header.name)
		}
		if !header.read(&w, strings.TrimSpace(value)) {
			return w, failed("bad_header")
		}
	}
	if _, region := first(h, "X-Crawlera-Region"); region && w.hasSession {
		// Documented as incompatible; the code and the status are not.
		return w, &refusal{
			status: http.StatusBadRequest, code: "invalid_request",
			body: "X-Crawlera-Region cannot be used with X-Crawlera-Session",
		}
	}
	return w, nil
}

// controlHeaders are the known control headers, in the order in which they are
// checked. Others that begin with X-Crawlera- are ignored.
var controlHeaders = []struct {
	name string
	read func(w *directives, value string) bool
}{
	{"X-Crawlera-Session", func(w *directives, v string) bool { w.session, w.hasSession = v, true; return true }},
	{"X-Crawlera-Max-Retries", readRetries},
	{"X-Crawlera-Timeout", readTimeout},
	{"X-Crawlera-Cookies", func(w *directives, v string) bool {
		return choose(&w.cookies, v, cookiesEnable, cookiesDisable, cookiesDiscard)
	}},
	{"X-Crawlera-Profile", func(w *directives, v string) bool { return choose(&w.profile, v, "pass", "desktop", "mobile") }},
	{"X-Crawlera-UA", func(w *directives, v string) bool {
		return choose(&w.userAgent, v, "pass", "desktop", "mobile", "crawlera")
	}},
	{"X-Crawlera-Profile-Pass", func(w *directives, v string) bool { w.profilePass = list(v); return true }},
	{"X-Crawlera-No-Bancheck", func(*directives, string) bool { return true }},
	{"X-Crawlera-Region", func(_ *directives, v string) bool { return isCountry(v) }},
	{"X-Crawlera-Debug", func(w *directives, v string) bool {
		asked := list(v)
		w.debugTime, w.debugUA = slices.Contains(asked, "request-time"), slices.Contains(asked, "ua")
		return true
	}},
}

func readRetries(w *directives, v string) bool {
	n, err := strconv.Atoi(v)
	w.retries = n
	return err == nil && n >= 0 && n <= 5
}

// readTimeout clamps a number out of range to the nearest bound, as documented.
func readTimeout(w *directives, v string) bool {
	ms, err := strconv.ParseFloat(v, 64)
	if err != nil || ms != ms {
		return false
	}
	ms = min(max(ms, float64(minTimeout.Milliseconds())), float64(maxTimeout.Milliseconds()))
	w.timeout = time.Duration(ms) * time.Millisecond
	return true
}

func choose(to *string, v string, among ...string) bool {
	*to = strings.ToLower(v)
	return slices.Contains(among, *to)
}

func list(v string) []string {
	parts := strings.Split(v, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

func isCountry(v string) bool {
	return len(v) == 2 && strings.Trim(strings.ToLower(v), "abcdefghijklmnopqrstuvwxyz") == ""
}

// first returns the first value of a header and whether the header is there: an
// empty session ID is not the same as none.
func first(h http.Header, name string) (string, bool) {
	values := h[http.CanonicalHeaderKey(name)]
	if len(values) == 0 {
		return "", false
	}
	return values[0], true
}

func hasControl(h http.Header) bool {
	for name := range h {
		if isControlHeader(name) {
			return true
		}
	}
	return false
}

func (s *Server) defaultCookies() string {
	if s.cfg.Plan == planEnterprise {
		return cookiesEnable
	}
	return cookiesDiscard
}

func (s *Server) defaultProfile() string {
	if s.cfg.Plan == planEnterprise {
		return ""
	}
	return "desktop"
}

// attempts is how many times one request is sent to the target at most.
func (s *Server) attempts(w directives) int {
	switch {
	case w.hasSession && (s.cfg.NoSessionRetries || w.retries < 0):
		return 1
	case w.retries < 0:
		return s.cfg.Attempts
	}
	return max(w.retries, 1) // 0 and 1 both mean one
}

// Plans of an account. They differ in the control headers that they include.
const (
	planEnterprise = "enterprise"
	planAdvanced   = "advanced"
	planBasic      = "basic"
)

// planForbids reports whether the plan forbids a control header with that value. The
// tick marks of the vendor's table were lost. Sessions on advanced and enterprise,
// and the profile "pass" on enterprise alone, are documented. A refusal of sessions
// on basic was seen. The rest is a guess.
func (s *Server) planForbids(header, value string) bool {
	if s.cfg.Plan == planEnterprise {
		return false
	}
	switch header {
	case "X-Crawlera-Profile", "X-Crawlera-UA":
		return strings.EqualFold(value, "pass")
	case "X-Crawlera-Session", "X-Crawlera-Profile-Pass", "X-Crawlera-No-Bancheck":
		return s.cfg.Plan == planBasic
	case "X-Crawlera-Cookies":
		return s.cfg.Plan == planBasic && value != cookiesDiscard
	}
	return false
}
