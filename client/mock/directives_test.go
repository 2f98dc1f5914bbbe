package mock

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestControlHeaderValues(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: hello, Delay: -1})
	good := []string{
		"X-Crawlera-Max-Retries: 0", "X-Crawlera-Max-Retries: 5", "X-Crawlera-Timeout: 1", "X-Crawlera-Timeout: 999999999999",
		"X-Crawlera-Timeout: -5", "X-Crawlera-Cookies: Enable", "X-Crawlera-Cookies: disable", "X-Crawlera-Cookies: discard",
		"X-Crawlera-Profile: pass", "X-Crawlera-Profile: desktop", "X-Crawlera-Profile: mobile", "X-Crawlera-UA: crawlera",
		"X-Crawlera-Region: de", "X-Crawlera-Region: US", "X-Crawlera-No-Bancheck: ", "X-Crawlera-No-Bancheck: whatever",
		"X-Crawlera-JobId: 1/2/3", "X-Crawlera-Client: x/1", "X-Crawlera-Debug: ua, whatever", "X-Crawlera-Unknown: x",
	}
	bad := []string{
		"X-Crawlera-Max-Retries: 6", "X-Crawlera-Max-Retries: -1", "X-Crawlera-Max-Retries: ", "X-Crawlera-Max-Retries: 1.5",
		"X-Crawlera-Timeout: soon", "X-Crawlera-Timeout: NaN", "X-Crawlera-Timeout: ", "X-Crawlera-Cookies: please", "X-Crawlera-Profile: ",
		"X-Crawlera-Profile: fridge", "X-Crawlera-UA: fridge", "X-Crawlera-Region: Germany", "X-Crawlera-Region: 42",
	}
	for _, header := range good {
		if r := w.get("http://example.com/", header); r.StatusCode != http.StatusOK {
			t.Errorf("%s: %v %q", header, r.Status, r.body)
		}
	}
	for _, header := range bad {
		if r := w.get("https://example.com/", header); r.StatusCode != 540 || r.code() != "bad_header" || r.body != "Bad header value" {
			t.Errorf("%s: %v %q", header, r.Status, r.body)
		}
	}
}

func TestPlans(t *testing.T) {
	t.Parallel()
	refused := map[string][]string{
		planEnterprise: nil,
		planAdvanced:   {"X-Crawlera-Profile: pass", "X-Crawlera-UA: pass"},
		planBasic: {
			"X-Crawlera-Profile: pass", "X-Crawlera-UA: pass", "X-Crawlera-Session: create", "X-Crawlera-Profile-Pass: Accept",
			"X-Crawlera-No-Bancheck: 1", "X-Crawlera-Cookies: enable",
		},
	}
	always := []string{"X-Crawlera-Profile: desktop", "X-Crawlera-Cookies: discard", "X-Crawlera-Timeout: 30000", "X-Crawlera-JobId: 1", "X-Crawlera-Max-Retries: 1"}
	for plan, headers := range refused {
		w := onLoopback(t, Config{Plan: plan, Origin: hello})
		for _, header := range always {
			if r := w.get("http://example.com/", header); r.StatusCode != http.StatusOK {
				t.Errorf("%s, %s: %v", plan, header, r.Status)
			}
		}
		for _, header := range refused[planBasic] {
			r := w.get("http://example.com/", header)
			name, _, _ := strings.Cut(strings.ToLower(header), ":")
			want := `Unauthorized Crawlera Header: "` + name + `"`
			isRefused := r.StatusCode == 470 && r.code() == "headers_auth" && r.body == want
			if mustBe := strings.Contains(strings.Join(headers, "\n"), header); isRefused != mustBe {
				t.Errorf("%s, %s: %v %q %q", plan, header, r.Status, r.code(), r.body)
			}
		}
		if r := w.api("POST", "/sessions", ""); (r.StatusCode == 470) != (plan == planBasic) {
			t.Errorf("%s: POST /sessions %v", plan, r.Status)
		}
	}
	w := onLoopback(t, Config{Plan: planBasic, HeaderAuthCode: "header_auth"})
	if r := w.get("http://example.com/", "X-Crawlera-Session: create"); r.code() != "header_auth" {
		t.Errorf("with a code chosen: %q", r.code())
	}
}

func TestTimeoutIsClamped(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"0": minTimeout, "-1": minTimeout, "29999": minTimeout, "30000": minTimeout, "30001": 30001 * time.Millisecond,
		"180000": maxTimeout, "180001": maxTimeout, "1e300": maxTimeout,
	} {
		var w directives
		if !readTimeout(&w, value) || w.timeout != want {
			t.Errorf("%s: %v", value, w.timeout)
		}
	}
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	own := http.Header{"User-Agent": {"me"}, "Accept": {"mine"}}
	tests := []struct {
		w             directives
		agent, accept string
	}{
		{directives{}, "me", "mine"},
		{directives{profile: "pass"}, "me", "mine"},
		{directives{profile: "pass", userAgent: "mobile"}, "me", "mine"},
		{directives{profile: "desktop"}, "X11", "text/html"},
		{directives{profile: "mobile", userAgent: "desktop"}, "Android", "text/html"},
		{directives{profile: "mobile", profilePass: []string{"accept"}}, "Android", "mine"},
		{directives{userAgent: "mobile"}, "Android", "mine"},
		{directives{userAgent: "crawlera"}, "Crawlera", "mine"},
	}
	for _, test := range tests {
		h := own.Clone()
		test.w.applyProfile(h)
		if !strings.Contains(h.Get("User-Agent"), test.agent) || !strings.Contains(h.Get("Accept"), test.accept) {
			t.Errorf("%+v: %v", test.w, h)
		}
	}
}

func TestDebugHeaders(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: hello})
	auth := "Host: x\r\nConnection: close\r\nProxy-Authorization: " + basicAuth("test") + "\r\n"
	got := w.raw("GET http://example.com/ HTTP/1.1\r\n" + auth + "X-Crawlera-Debug: request-time,ua\r\nUser-Agent: me\r\n\r\n")
	// The case is the service's own, not Go's.
	if !strings.Contains(got, "\r\nX-Crawlera-Debug-UA: me\r\n") || !strings.Contains(got, "\r\nX-Crawlera-Debug-Request-Time: 0.") {
		t.Errorf("%q", got)
	}
	if got := w.raw("GET http://example.com/ HTTP/1.1\r\n" + auth + "\r\n"); strings.Contains(got, "Debug") {
		t.Errorf("unasked: %q", got)
	}
}

func TestAttempts(t *testing.T) {
	t.Parallel()
	now, before := &Server{cfg: Config{Attempts: 3}}, &Server{cfg: Config{Attempts: 6, NoSessionRetries: true}}
	tests := []struct {
		w            directives
		want, before int
	}{
		{directives{retries: -1}, 3, 6},
		{directives{retries: 0}, 1, 1},
		{directives{retries: 1}, 1, 1},
		{directives{retries: 5}, 5, 5},
		{directives{retries: -1, hasSession: true}, 1, 1},
		{directives{retries: 5, hasSession: true}, 5, 1},
	}
	for _, test := range tests {
		if got := now.attempts(test.w); got != test.want {
			t.Errorf("%+v: %d, want %d", test.w, got, test.want)
		}
		if got := before.attempts(test.w); got != test.before {
			t.Errorf("%+v, until 2019: %d, want %d", test.w, got, test.before)
		}
	}
}
