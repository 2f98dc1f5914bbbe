package mock

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var echoTarget = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/set":
		w.Header().Set("Set-Cookie", "kept=1")
	case "/loop":
		http.Redirect(w, r, "/loop", http.StatusFound)
		return
	case "/away":
		w.Header().Set("Location", "https://other.test/landed")
		w.WriteHeader(http.StatusTemporaryRedirect)
		return
	case "/coded":
		w.Header().Set("Content-Encoding", "br")
	case "/teapot":
		w.WriteHeader(http.StatusTeapot)
	}
	body, _ := io.ReadAll(r.Body)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"url": r.Host + r.URL.Path, "method": r.Method, "header": r.Header, "body": string(body), "tls": r.TLS != nil,
	})
})

type echoed struct {
	URL, Method, Body string
	Header            http.Header
	TLS               bool
}

func (w *world) echoed(r reply) (e echoed) {
	w.t.Helper()
	body := r.body
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(strings.NewReader(body))
		if err != nil {
			w.t.Fatal(err)
		}
		text, err := io.ReadAll(z)
		if err != nil {
			w.t.Fatal(err)
		}
		body = string(text)
	}
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		w.t.Fatalf("%v: %d %v %q", err, r.StatusCode, r.Header, body)
	}
	return e
}

// Accept-Encoding is named, or net/http's client would decode on its own.
const bare = "Accept-Encoding: identity"

func TestZyteRedirects(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Service: ServiceZyteAPI, Origin: echoTarget})
	e := w.echoed(w.readPost("http://shop.test/away", "text", bare))
	if e.URL != "other.test/landed" || !e.TLS || e.Method != "POST" || e.Body != "text" {
		t.Errorf("followed to %+v", e)
	}
	r := w.get("http://shop.test/away", bare, "Zyte-Disable-Follow-Redirect: true")
	if r.StatusCode != http.StatusTemporaryRedirect || r.Header.Get("Location") != "https://other.test/landed" {
		t.Errorf("not followed: %d %v", r.StatusCode, r.Header)
	}
	if r := w.get("http://shop.test/loop", bare); r.StatusCode != http.StatusFound {
		t.Errorf("without end: %d", r.StatusCode)
	}
}

func (w *world) readPost(target, body string, headers ...string) reply {
	return w.do(w.t.Context(), w.request("POST", target, strings.NewReader(body), headers...))
}

func TestZyteCodings(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Service: ServiceZyteAPI, Origin: echoTarget})
	if r := w.get("https://shop.test/", bare); r.Header.Get("Content-Encoding") != "gzip" || w.echoed(r).Header.Get("Accept-Encoding") != "gzip" {
		t.Errorf("unasked: %v", r.Header)
	}
	if r := w.get("https://shop.test/", bare, overrideCoding); r.Header.Get("Content-Encoding") != "" || w.echoed(r).Header.Get("Accept-Encoding") != "identity" {
		t.Errorf("overridden: %v", r.Header)
	}
	if r := w.get("https://shop.test/coded", bare); r.Header.Get("Content-Encoding") != "br" {
		t.Errorf("the target's own: %v", r.Header)
	}
	if r := w.do(t.Context(), w.request("HEAD", "http://shop.test/", nil, bare)); r.StatusCode != http.StatusOK || r.body != "" || r.err != nil {
		t.Errorf("HEAD: %+v", r)
	}
}

func TestZyteTargetHeaders(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Service: ServiceZyteAPI, Origin: echoTarget})
	sent := []string{
		bare, "User-Agent: mine", "Accept: text/mine", "Accept-Language: mine", "X-Other: mine", "Zyte-Client: smp/1", "Zyte-Unknown: 1",
		"Zyte-Tags: {\"a\":\"b\"}", "Zyte-JobId: 1/2/3", "Zyte-IPType: residential", "Zyte-Geolocation: DE", "X-Crawlera-Debug: ua",
	}
	got := w.echoed(w.get("https://shop.test/", sent...)).Header
	for name := range got {
		if strings.HasPrefix(name, "Zyte-") || strings.HasPrefix(name, "X-Crawlera-") || strings.HasPrefix(name, "Proxy-") {
			t.Errorf("%s reached the target", name)
		}
	}
	if got.Get("User-Agent") == "mine" || got.Get("Accept") == "text/mine" || got.Get("Accept-Language") != "mine" || got.Get("X-Other") != "mine" {
		t.Errorf("protected: %v", got)
	}
	got = w.echoed(w.get("https://shop.test/", append(sent, "Zyte-Override-Headers: User-Agent, accept")...)).Header
	if got.Get("User-Agent") != "mine" || got.Get("Accept") != "text/mine" {
		t.Errorf("overridden: %v", got)
	}
}

func TestZyteRefusesHeaders(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Service: ServiceZyteAPI, Origin: echoTarget})
	for _, header := range []string{
		"Via: 1.1 x", "X-Forwarded-For: 192.0.2.1", "Forwarded-For: 192.0.2.1", "X-Remote-Addr: 192.0.2.1", "X-Client-Ip: 192.0.2.1",
		"Zyte-Device: tablet", "Zyte-Cookie-Management: enable", "Zyte-Geolocation: Germany", "Zyte-IPType: mobile", "Zyte-Browser-Html: yes",
		"Zyte-Disable-Follow-Redirect: 1", "Zyte-Tags: a=b", "Zyte-Tags: " + `{"a":"` + strings.Repeat("x", 512) + `"}`, "Zyte-JobId: ",
	} {
		r := w.get("http://shop.test/", header)
		if r.StatusCode != 400 || problemTypeOf(r) != "/request/invalid" {
			t.Errorf("%.50s: %d %v", header, r.StatusCode, r.Header)
		}
	}
	if r := w.get("http://shop.test/", "Zyte-Browser-Html: true", "Zyte-Disable-Follow-Redirect: true"); r.StatusCode != 400 {
		t.Errorf("a browser that follows no redirects: %d", r.StatusCode)
	}
	for _, scheme := range []string{"http", "https"} {
		if r := w.get(scheme+"://shop.test/", "X-Long: "+strings.Repeat("x", maxHeader)); r.StatusCode != 431 || problemTypeOf(r) != "/request/header-size" {
			t.Errorf("%s: %d %v", scheme, r.StatusCode, r.Header)
		}
	}
}

func TestZyteCredentials(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Service: ServiceZyteAPI, Origin: echoTarget})
	r := readReply(w.client("wrong").Get("http://shop.test/"))
	if r.StatusCode != 407 || problemTypeOf(r) != "/auth/proxy-auth-not-valid" || r.Header.Get("Proxy-Authenticate") == "" || r.code() != "" {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
	raw := w.raw("CONNECT shop.test:443 HTTP/1.1\r\nConnection: close\r\n\r\n")
	if !strings.HasPrefix(raw, "HTTP/1.1 407 ") || !strings.Contains(raw, "Zyte-Request-ID: ") {
		t.Errorf("CONNECT: %q", raw)
	}
	c := w.open()
	defer c.Close()
	_, _ = io.WriteString(c, "CONNECT shop.test:443 HTTP/1.1\r\nProxy-Authorization: "+basicAuth("test")+"\r\n\r\n")
	head := make([]byte, 512)
	n, _ := c.Read(head)
	if !strings.HasPrefix(string(head[:n]), "HTTP/1.1 200 ") || !strings.Contains(string(head[:n]), "Zyte-Request-ID: ") {
		t.Errorf("CONNECT: %q", head[:n])
	}
}

// Every answer has an ID of its own, a target's own status included.
func TestZyteRequestIDs(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Service: ServiceZyteAPI, Origin: echoTarget})
	seen := map[string]bool{}
	for _, path := range []string{"http://shop.test/", "https://shop.test/teapot", "http://shop.test/away"} {
		r := w.get(path, bare)
		id := r.Header.Get("Zyte-Request-Id")
		if !isUUID4(id) || seen[id] || problemTypeOf(r) != "" || r.Header.Get("X-Crawlera-Version") != "" {
			t.Errorf("%s: %d %v", path, r.StatusCode, r.Header)
		}
		seen[id] = true
	}
}

func TestZyteProblems(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"text", "json"} {
		w := onLoopback(t, Config{Service: ServiceZyteAPI, ErrorBody: body, Origin: echoTarget})
		for _, name := range slices.Sorted(maps.Keys(problems)) {
			for _, scheme := range []string{"http", "https"} {
				if err := w.mock.Arm(Fault{Name: name, Count: 1, On: onTarget}); err != nil {
					t.Fatal(err)
				}
				r := w.get(scheme+"://shop.test/", "X-Crawlera-Region: DE")
				p := problems[name]
				if r.StatusCode != p.status || problemTypeOf(r) != name || r.Header.Get("Zyte-Error-Title") != p.title || r.code() != p.legacy {
					t.Errorf("%s: %d %v", name, r.StatusCode, r.Header)
				}
				if isJSON := strings.HasPrefix(r.body, `{"type":"`+name); isJSON != (body == "json") || !strings.Contains(r.body, p.detail) {
					t.Errorf("%s: %q", name, r.body)
				}
			}
		}
	}
}

func TestZyteFaultsAreItsOwn(t *testing.T) {
	t.Parallel()
	for service, name := range map[string]string{ServiceZyteAPI: "banned", ServiceSPM: "/download/website-ban"} {
		if _, err := New(Config{Service: service, Faults: []Fault{{Name: name}}}); err == nil {
			t.Errorf("%s takes %s", service, name)
		}
		w := onLoopback(t, Config{Service: service})
		if w.mock.Arm(Fault{Name: name}) == nil || w.api("POST", "/_mock/faults", name).StatusCode != 400 {
			t.Errorf("%s is armed with %s", service, name)
		}
	}
}

func TestZyteLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Service: ServiceZyteAPI, RPM: 3, DomainRPM: 2, Origin: echoTarget})
		status := func(host string) (int, string, string) {
			r := w.get("http://"+host+"/", bare)
			return r.StatusCode, problemTypeOf(r), r.Header.Get("Retry-After")
		}
		want := func(host string, wantStatus int, wantType, wantRetry string) {
			t.Helper()
			if s, name, retry := status(host); s != wantStatus || name != wantType || retry != wantRetry {
				t.Errorf("%s: %d %s %s", host, s, name, retry)
			}
		}
		want("a.test", 200, "", "")
		time.Sleep(10 * time.Second)
		want("a.test", 200, "", "")
		want("a.test", 429, "/limits/over-domain-limit", "50")
		want("b.test", 200, "", "")
		want("b.test", 429, "/limits/over-user-limit", "50")
		time.Sleep(50 * time.Second)
		want("a.test", 200, "", "")
		want("a.test", 429, "/limits/over-user-limit", "10")
	})
}

func TestZyteCookies(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Service: ServiceZyteAPI, Origin: echoTarget})
	w.get("http://shop.test/set", zyteSession(uuidA))
	for _, tc := range []struct{ header, want string }{
		{"X-Other: 1", "kept=1"}, {"Cookie: own=2", "own=2"}, {"Zyte-Cookie-Management: discard", ""},
	} {
		if got := w.echoed(w.get("http://shop.test/", bare, zyteSession(uuidA), tc.header)).Header.Get("Cookie"); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.header, got, tc.want)
		}
	}
}

func TestZyteConfig(t *testing.T) {
	t.Parallel()
	for _, cfg := range []Config{
		{Service: "scrapy"},
		{Service: ServiceZyteAPI, Delay: time.Second},
		{Service: ServiceZyteAPI, ErrorBody: "xml"},
		{RPM: 1},
		{Tombstone: time.Second},
		{ErrorBody: "json"},
		{Service: ServiceZyteAPI, SessionsAPI: true},
		{SessionsAPI: true},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%+v makes sense", cfg)
		}
	}
}
