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
	cookiesDisable = "disable" // the client's are all there are
	cookiesDiscard = "discard" // none
)

// Bounds of X-Crawlera-Timeout; its default is the lower one.
const (
	minTimeout = 30 * time.Second
	maxTimeout = 180 * time.Second
)

// wishes are what the control headers of one request ask for.
type wishes struct {
	session     string
	hasSession  bool
	retries     int // -1 is not asked for
	timeout     time.Duration
	cookies     string
	profile     string   // "", "pass", "desktop" or "mobile"
	userAgent   string   // the same, from the older header
	profilePass []string // headers of the client's that win over the profile

	acceptEncoding string // the service's own toward the target; "" is the client's

	debugTime bool
	debugUA   bool
}

// wishes reads the control headers, or says why they are refused: the plan
// first, as the service tells it whatever the value is.
func (s *Server) wishes(h http.Header) (wishes, *refusal) {
	w := wishes{retries: -1, timeout: minTimeout, cookies: s.defaultCookies(), profile: s.defaultProfile()}
	if !hasControl(h) {
		return w, nil
	}
	for _, header := range controls {
		value, given := first(h, header.name)
		if !given {
			continue
		}
		if s.lacks(header.name, value) {
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

// controls are the headers that mean something, in the order in which they are
// looked at. Others below X-Crawlera- are ignored.
var controls = []struct {
	name string
	read func(w *wishes, value string) bool
}{
	{"X-Crawlera-Session", func(w *wishes, v string) bool { w.session, w.hasSession = v, true; return true }},
	{"X-Crawlera-Max-Retries", readRetries},
	{"X-Crawlera-Timeout", readTimeout},
	{"X-Crawlera-Cookies", func(w *wishes, v string) bool {
		return choose(&w.cookies, v, cookiesEnable, cookiesDisable, cookiesDiscard)
	}},
	{"X-Crawlera-Profile", func(w *wishes, v string) bool { return choose(&w.profile, v, "pass", "desktop", "mobile") }},
	{"X-Crawlera-UA", func(w *wishes, v string) bool {
		return choose(&w.userAgent, v, "pass", "desktop", "mobile", "crawlera")
	}},
	{"X-Crawlera-Profile-Pass", func(w *wishes, v string) bool { w.profilePass = list(v); return true }},
	{"X-Crawlera-No-Bancheck", func(*wishes, string) bool { return true }},
	{"X-Crawlera-Region", func(_ *wishes, v string) bool { return isCountry(v) }},
	{"X-Crawlera-Debug", func(w *wishes, v string) bool {
		asked := list(v)
		w.debugTime, w.debugUA = slices.Contains(asked, "request-time"), slices.Contains(asked, "ua")
		return true
	}},
}

func readRetries(w *wishes, v string) bool {
	n, err := strconv.Atoi(v)
	w.retries = n
	return err == nil && n >= 0 && n <= 5
}

// readTimeout brings a number out of range to the nearest bound, as documented.
func readTimeout(w *wishes, v string) bool {
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

// first is the value of a header and whether it was given at all: an empty
// session is not none.
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

// attempts is how often one request is tried at the target.
func (s *Server) attempts(w wishes) int {
	switch {
	case w.hasSession && (s.cfg.NoSessionRetries || w.retries < 0):
		return 1
	case w.retries < 0:
		return s.cfg.Attempts
	}
	return max(w.retries, 1) // 0 and 1 both mean one
}
