package mock

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const (
	uuidA = "11111111-1111-4111-8111-111111111111"
	uuidB = "22222222-2222-4222-8222-222222222222"
)

func zyteSession(id string) string { return "Zyte-Session-ID: " + id }

func problemTypeOf(r reply) string { return r.Header.Get("Zyte-Error-Type") }

// ipTarget answers with the outgoing IP, which Zyte API tells nobody else.
var ipTarget = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	host, _, _ := strings.Cut(r.RemoteAddr, ":")
	_, _ = w.Write([]byte(host))
})

func (w *world) ip(id string) string {
	w.t.Helper()
	r := w.get("http://shop.test/", zyteSession(id), overrideCoding, "Accept-Encoding: identity")
	if r.err != nil || r.StatusCode != http.StatusOK {
		w.t.Fatalf("%v %v %q", r.err, r.Response, r.body)
	}
	return r.body
}

// overrideCoding keeps answers as the target sent them.
const overrideCoding = "Zyte-Override-Headers: Accept-Encoding"

func TestZyteSessionIsBegunByItsClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Service: ServiceZyteAPI, Origin: ipTarget})
		first := w.ip(uuidA)
		if again := w.ip(uuidA); again != first {
			t.Errorf("IPs %s and %s in one session", first, again)
		}
		if other := w.ip(uuidB); other == first {
			t.Errorf("two sessions have the IP %s", first)
		}
	})
}

func TestZyteSessionEnds(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		cfg   Config
		every time.Duration
		times int // requests that are answered
	}{
		"idle":            {every: 120 * time.Second, times: 1},
		"used":            {every: 119 * time.Second, times: 8}, // at 15m52s it is too old
		"old":             {every: time.Minute, times: 15},
		"its own lengths": {cfg: Config{SessionTTL: time.Minute, SessionMaxAge: 3 * time.Minute}, every: 50 * time.Second, times: 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tc.cfg.Service, tc.cfg.Origin = ServiceZyteAPI, ipTarget
				w := inBubble(t, tc.cfg)
				for i := range tc.times {
					if r := w.get("http://shop.test/", zyteSession(uuidA)); r.StatusCode != http.StatusOK {
						t.Fatalf("request %d: %d %q", i, r.StatusCode, r.body)
					}
					time.Sleep(tc.every)
				}
				r := w.get("http://shop.test/", zyteSession(uuidA))
				if r.StatusCode != http.StatusUnprocessableEntity || problemTypeOf(r) != "/problem/session-expired" {
					t.Errorf("%d %v %q", r.StatusCode, r.Header, r.body)
				}
			})
		})
	}
}

// An ID is refused for a while after its session's end, and then begins another one:
// both are in the verdict.
func TestZyteIDBeginsAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Service: ServiceZyteAPI, Origin: ipTarget})
		before := w.ip(uuidA)
		time.Sleep(2*time.Minute + 10*time.Minute - time.Second)
		if r := w.get("http://shop.test/", zyteSession(uuidA)); problemTypeOf(r) != "/problem/session-expired" {
			t.Errorf("in its tombstone's time: %d %q", r.StatusCode, r.body)
		}
		time.Sleep(time.Second)
		if after := w.ip(uuidA); after == before {
			t.Errorf("the new session has the old one's IP %s", after)
		}
		dead := w.mock.Verdict().Dead
		if len(dead) != 2 || dead[0].Reused || !dead[1].Reused || dead[1].Session != uuidA {
			t.Errorf("verdict %+v", dead)
		}
	})
}

func TestZyteBansEndASession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Service: ServiceZyteAPI, Origin: ipTarget})
		ban := func(n int) {
			t.Helper()
			if err := w.mock.Arm(Fault{Name: "website-ban", Count: n}); err != nil {
				t.Fatal(err)
			}
			for range n {
				if r := w.get("http://shop.test/", zyteSession(uuidA)); r.StatusCode != 520 {
					t.Fatalf("%d %q", r.StatusCode, r.body)
				}
			}
		}
		ban(2)
		w.ip(uuidA) // an answer begins the row anew
		ban(2)
		w.ip(uuidA)
		ban(3)
		if r := w.get("http://shop.test/", zyteSession(uuidA)); problemTypeOf(r) != "/problem/session-expired" {
			t.Errorf("after three bans: %d %q", r.StatusCode, r.body)
		}
		// That request crossed the third ban as far as the mock can tell.
		if dead := w.mock.Verdict().Dead; len(dead) != 0 {
			t.Errorf("verdict %+v", dead)
		}
		time.Sleep(time.Second)
		w.get("http://shop.test/", zyteSession(uuidA))
		if dead := w.mock.Verdict().Dead; len(dead) != 1 {
			t.Errorf("verdict %+v", dead)
		}
	})
}

func TestZyteSessionLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Service: ServiceZyteAPI, Origin: ipTarget, SessionLimit: 1})
		w.ip(uuidA)
		if r := w.get("http://shop.test/", zyteSession(uuidB)); r.StatusCode != 422 || problemTypeOf(r) != "/problem/over-session-limit" {
			t.Errorf("%d %q", r.StatusCode, r.body)
		}
		time.Sleep(2 * time.Minute)
		w.ip(uuidB)
	})
}

func TestZyteIDIsAUUID(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Service: ServiceZyteAPI, Origin: ipTarget})
	for _, id := range []string{
		"1836172", "create", "", "11111111-1111-1111-8111-111111111111", "11111111-1111-4111-7111-111111111111",
		"11111111111141118111111111111111", uuidA + "0",
	} {
		if r := w.get("http://shop.test/", zyteSession(id)); r.StatusCode != 400 || problemTypeOf(r) != "/request/invalid" {
			t.Errorf("%q: %d %q", id, r.StatusCode, r.body)
		}
	}
}

func TestZyteHasNoSessionsAPI(t *testing.T) {
	t.Parallel()
	for _, cfg := range []Config{{Service: ServiceZyteAPI}, {Service: ServiceTranslated}} {
		w := onLoopback(t, cfg)
		for _, call := range []string{"POST /sessions", "GET /sessions", "DELETE /sessions/" + uuidA} {
			method, path, _ := strings.Cut(call, " ")
			r := w.api(method, path, "")
			if r.StatusCode != http.StatusNotFound || r.Header.Get("Zyte-Request-Id") == "" || r.code() != "" {
				t.Errorf("%s of %s: %d %v", call, cfg.Service, r.StatusCode, r.Header)
			}
		}
	}
}

// The host that was moved takes the old headers, and tells sessions and errors in
// the old way beside the new one.
func TestTranslatedSessions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Service: ServiceTranslated, Origin: ipTarget})
		r := w.get("http://shop.test/", inSession("create"))
		id := r.Header.Get("X-Crawlera-Session")
		if r.StatusCode != http.StatusOK || !isUUID4(id) {
			t.Fatalf("%d %v", r.StatusCode, r.Header)
		}
		again := w.get("http://shop.test/", inSession(id))
		if again.body != r.body || again.Header.Get("X-Crawlera-Session") != id {
			t.Errorf("%q in %v, then %q in %v", r.body, r.Header, again.body, again.Header)
		}
		time.Sleep(2 * time.Minute)
		for _, dead := range []string{id, "1836172"} {
			r = w.get("http://shop.test/", inSession(dead))
			if r.StatusCode != 422 || problemTypeOf(r) != "/problem/session-expired" || r.code() != "bad_session_id" {
				t.Errorf("%s: %d %v", dead, r.StatusCode, r.Header)
			}
		}
		if r = w.get("http://shop.test/", zyteSession(id)); r.code() != "" {
			t.Errorf("asked with the new header: %v", r.Header)
		}
	})
}

func TestTranslatedSessionsAPI(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Service: ServiceTranslated, SessionsAPI: true, Origin: ipTarget})
	id := w.newSession()
	if list := w.api("GET", "/sessions", ""); !strings.Contains(list.body, id) || list.Header.Get("Zyte-Request-Id") == "" {
		t.Errorf("%q %v", list.body, list.Header)
	}
	if r := w.get("http://shop.test/", inSession(id)); r.StatusCode != http.StatusOK {
		t.Errorf("%d %q", r.StatusCode, r.body)
	}
	if r := w.api("DELETE", "/sessions/"+id, ""); r.StatusCode != http.StatusNoContent {
		t.Errorf("%d %q", r.StatusCode, r.body)
	}
	if r := w.get("http://shop.test/", inSession(id)); problemTypeOf(r) != "/problem/session-expired" {
		t.Errorf("%d %q", r.StatusCode, r.body)
	}
}
