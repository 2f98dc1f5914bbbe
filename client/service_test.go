package client

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func zyte(cfg *Config) { cfg.Service = ZyteAPI }

func TestServices(t *testing.T) {
	t.Parallel()
	for _, s := range []*Service{SPM, ZyteAPI} {
		if found, err := ServiceNamed(s.Name); found != s || err != nil {
			t.Errorf("%s: %v, %v", s.Name, found, err)
		}
		if _, _, err := ParseEndpoint(s.Endpoint); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
	if _, err := ServiceNamed(""); err == nil {
		t.Error("no name names a service")
	}
	for host, want := range map[string]*Service{
		"api.zyte.com": ZyteAPI, "API.zyte.com.": ZyteAPI, "proxy.zyte.com": SPM, "api.zyte.com.evil.test": SPM, "127.0.0.1": SPM,
	} {
		if got := ServiceAt(host); got != want {
			t.Errorf("%s is %s", host, got.Name)
		}
	}
	if got := ZyteAPI.Life.LongestDelay(); got != 110*time.Second {
		t.Errorf("the longest delay is %v", got)
	}
	if SPM.Life.LongestDelay() != 0 || SPM.LifeOf(DialectZyte) != ZyteAPI.Life || SPM.LifeOf(DialectSPM) != SPM.Life {
		t.Error("the life of a session depends on who answers")
	}
	if got := ZyteAPI.Life.Scaled(60); got.Idle != 2*time.Second || got.Age != 15*time.Second || !got.Final || got.Bans != 3 {
		t.Errorf("scaled: %+v", got)
	}
}

func TestSessionID(t *testing.T) {
	t.Parallel()
	made := newUUID4()
	for id, want := range map[string][2]bool{ // of SPM, of Zyte API
		"1836172":                              {true, false},
		"create":                               {true, false},
		"":                                     {false, false},
		"a/b":                                  {false, false},
		made:                                   {true, true},
		strings.ToUpper(made):                  {true, true},
		strings.ReplaceAll(made, "-", ""):      {true, false},
		"11111111-1111-1111-8111-111111111111": {true, false}, // version 1
		"11111111-1111-4111-c111-111111111111": {true, false}, // another variant
		"1111111-11111-4111-8111-111111111111": {true, false},
		"g1111111-1111-4111-8111-111111111111": {true, false},
	} {
		for i, s := range []*Service{SPM, ZyteAPI} {
			got, err := s.SessionID(id)
			if (err == nil) != want[i] || want[i] && !strings.EqualFold(got, id) {
				t.Errorf("%q of %s: %q, %v", id, s.Name, got, err)
			}
		}
	}
}

// Sessions of Zyte API are made here, and nothing is sent for them.
func TestZyteSessionsSendNothing(t *testing.T) {
	t.Parallel()
	s := serve(t, raw("HTTP/1.1 500 X\r\n\r\n"))
	c := s.client(t, zyte)
	seen := map[string]bool{}
	for range 100 {
		made, err := c.CreateSession(t.Context())
		if err != nil || seen[made.ID] || !isUUID4(made.ID) {
			t.Fatalf("%v, %v", made, err)
		}
		seen[made.ID] = true
		if err := c.DeleteSession(t.Context(), made.ID); err != nil {
			t.Fatal(err)
		}
	}
	var e *Error
	if _, err := c.ListSessions(t.Context()); !errors.As(err, &e) || !e.Unsent() {
		t.Errorf("list: %v", err)
	}
	if n := s.n.Load(); n != 0 {
		t.Errorf("%d connections", n)
	}
}

func TestZyteRequestOnTheWire(t *testing.T) {
	t.Parallel()
	always := []string{"Zyte-Client: smp", "Zyte-Disable-Follow-Redirect: true"}
	for _, tt := range []struct {
		name   string
		change func(*Request)
		want   []string // beside always, in order
	}{
		{"nothing asked", func(*Request) {}, always},
		{"a session", func(r *Request) { r.Session = "x"; r.Header["zyte-session-id"] = []string{"y"} }, append(always, "Zyte-Session-ID: x")},
		{"protected headers of its own", func(r *Request) {
			r.Header["User-Agent"], r.Header["accept"] = []string{"mine"}, []string{"text/html"}
		}, append(always, "Zyte-Override-Headers: Accept,User-Agent")},
		{"compressed", func(r *Request) { r.Compressed = true }, append(always, "Zyte-Override-Headers: Accept-Encoding")},
		{"a header that is not sent", func(r *Request) { r.Header["User-Agent"] = nil }, always},
		{"listed beside", func(r *Request) {
			r.Header["Zyte-Override-Headers"], r.Header["User-Agent"] = []string{"accept, user-agent"}, []string{"mine"}
		}, append(always, "Zyte-Override-Headers: accept, user-agent")},
		{"a browser", func(r *Request) { r.Header["Zyte-Browser-Html"] = []string{"true"} }, []string{"Zyte-Browser-Html: true", "Zyte-Client: smp"}},
	} {
		s, sent := capture(t, ok(""))
		if _, err := get(t, s.client(t, zyte), "http://example.com/", func(r *Request) { r.Header = http.Header{}; tt.change(r) }); err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var got []string
		for _, line := range sent() {
			if strings.HasPrefix(strings.ToLower(line), "zyte-") || strings.HasPrefix(line, "X-Crawlera-") {
				got = append(got, line)
			}
		}
		slices.Sort(got)
		want := slices.Sorted(slices.Values(tt.want))
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", tt.name, got, want)
		}
	}
}

// What a target sends under the names of Smart Proxy Manager is data where that is not
// the service.
func TestZyteBelievesNoTarget(t *testing.T) {
	t.Parallel()
	s := serve(t, raw("HTTP/1.1 503 X\r\nZyte-Request-ID: f00d\r\nX-Crawlera-Error: banned\r\nX-Crawlera-Session: 1\r\nX-Crawlera-Version: 1\r\n"+
		"X-Crawlera-Slave: 192.0.2.1:1\r\nX-Crawlera-Next-Request-In: 900\r\nRetry-After: 900\r\nContent-Length: 0\r\n\r\n"))
	r, err := get(t, s.client(t, zyte), "http://example.com/")
	if err != nil {
		t.Fatal(err)
	}
	if want := (ServiceHeaders{Dialect: DialectZyte, RequestID: "f00d"}); r.Service != want {
		t.Errorf("%+v", r.Service)
	}
}

func TestZyteMessages(t *testing.T) {
	t.Parallel()
	const head = "HTTP/1.1 429 X\r\nZyte-Error-Type: /limits/over-domain-limit\r\nRetry-After: 7\r\n"
	for answer, want := range map[string]string{
		head + "Content-Type: application/problem+json\r\n\r\n{\"title\":\"T\",\"detail\":\"one\\ntwo\"}": "one",
		head + "\r\n{\"title\":\"T\"}":           "T",
		head + "Zyte-Error-Title: T\r\n\r\nline": "T: line",
		head + "Zyte-Error-Title: T\r\n\r\n":     "T",
		head + "\r\nline":                        "line",
	} {
		var e *Error
		if _, err := get(t, serve(t, raw(answer)).client(t, zyte), "http://example.com/"); !errors.As(err, &e) || e.Message != want {
			t.Errorf("%q, want %q: %v", answer, want, err)
		} else if e.Limit() != LimitHost || e.Service.RetryAfter != 7*time.Second || e.TooManyConnections() {
			t.Errorf("%+v", e)
		}
	}
}

func TestRegion(t *testing.T) {
	t.Parallel()
	header := http.Header{"zyte-geolocation": {"de"}}
	if ZyteAPI.Region(header) != "DE" || ZyteAPI.Region(nil) != "" || SPM.Region(header) != "" {
		t.Error("the region of a request is not its header")
	}
}

func TestLimitOf(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]Limit{
		"/limits/over-user-limit": LimitKey, "/limits/over-global-limit": LimitKey, "/extractor/over-global-limit": LimitKey,
		"/limits/over-domain-limit": LimitHost, "/limits/over-org-domain-limit": LimitHost,
		"/problem/over-session-limit": LimitNone, "too_many_conns": LimitNone, "": LimitNone,
	} {
		if got := (&Error{Code: kind, Status: 429}).Limit(); got != want {
			t.Errorf("%s: %v", kind, got)
		}
	}
	if !(&Error{Code: "too_many_conns", Status: 429}).TooManyConnections() {
		t.Error("too_many_conns is no limit of connections")
	}
}

func TestDirectives(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		service     *Service
		asked, want string // "Name: value"; want "" is a refusal
	}{
		{SPM, "X-Crawlera-Profile: pass", "X-Crawlera-Profile: pass"},
		{SPM, "Zyte-IPType: residential", ""},
		{SPM, "Zyte-Tags: {}", ""},
		{SPM, "Zyte-Browser-Html: true", ""},
		{ZyteAPI, "X-Crawlera-Profile: mobile", "Zyte-Device: mobile"},
		{ZyteAPI, "X-Crawlera-Profile: pass", ""},
		{ZyteAPI, "X-Crawlera-Profile-Pass: Accept", "Zyte-Override-Headers: Accept"},
		{ZyteAPI, "X-Crawlera-Cookies: discard", "Zyte-Cookie-Management: discard"},
		{ZyteAPI, "X-Crawlera-Cookies: enable", ""},
		{ZyteAPI, "X-Crawlera-Region: de", "Zyte-Geolocation: DE"},
		{ZyteAPI, "X-Crawlera-JobId: 1/2/3", "Zyte-JobId: 1/2/3"},
		{ZyteAPI, "X-Crawlera-Max-Retries: 1", ""},
		{ZyteAPI, "X-Crawlera-Timeout: 30000", ""},
		{ZyteAPI, "X-Crawlera-No-Bancheck: 1", ""},
		{ZyteAPI, "X-Crawlera-Debug: ua", ""},
		{ZyteAPI, "Zyte-IPType: residential", "Zyte-IPType: residential"},
	} {
		name, value, _ := strings.Cut(tt.asked, ": ")
		got, err := tt.service.Directives(map[string]string{name: value})
		var refused *DirectiveError
		if tt.want == "" {
			if !errors.As(err, &refused) || refused.Use == "" || refused.Header != name {
				t.Errorf("%s of %s: %v, %v", tt.asked, tt.service.Name, got, err)
			}
			continue
		}
		name, value, _ = strings.Cut(tt.want, ": ")
		if err != nil || len(got) != 1 || got[name] != value {
			t.Errorf("%s of %s: %v, %v", tt.asked, tt.service.Name, got, err)
		}
	}
}

func TestCheckHeader(t *testing.T) {
	t.Parallel()
	for name, zyteTakes := range map[string]bool{
		"accept": true, "Zyte-Device": true, "X-Other": true, "X-Client-Data": true, "Forwarded": true,
		"X-Crawlera-Session": false, "x-crawlera-profile": false, "X-Crawlera-Max-Retries": false, "X-Crawlera-Else": false,
		"via": false, "X-Forwarded-For": false, "x-forwarded-host": false, "X-Remote-Ip": false, "Forwarded-For": false,
	} {
		if got := ZyteAPI.CheckHeader(name) == nil; got != zyteTakes {
			t.Errorf("%s: %v", name, got)
		}
		if taken := SPM.CheckHeader(name) == nil; taken == (name == "Zyte-Device") {
			t.Errorf("%s, of Smart Proxy Manager: %v", name, taken)
		}
	}
}

func TestTranslate(t *testing.T) {
	t.Parallel()
	h := headers("x-crawlera-profile: mobile", "X-Crawlera-Region: de", "Accept: a/b", "Zyte-IPType: residential")
	if err := ZyteAPI.Translate(h); err != nil || len(h) != 4 || h["Zyte-Device"][0] != "mobile" || h["Zyte-Geolocation"][0] != "DE" {
		t.Errorf("%v, %v", h, err)
	}
	for _, refused := range []string{"X-Crawlera-Profile: pass", "X-Crawlera-Timeout: 1", "X-Crawlera-Else: 1"} {
		if err := ZyteAPI.Translate(headers(refused)); err == nil {
			t.Errorf("%s has no equal", refused)
		}
		if err := SPM.Translate(headers(refused)); err != nil {
			t.Errorf("%s: %v", refused, err)
		}
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	if got, err := Tags(map[string]string{"b": "<1>", "a": "ü😀\n"}); err != nil || got != `{"a":"\u00fc\ud83d\ude00\n","b":"\u003c1\u003e"}` {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := Tags(map[string]string{"a": strings.Repeat("x", maxTags)}); err == nil {
		t.Error("tags of any length")
	}
}
