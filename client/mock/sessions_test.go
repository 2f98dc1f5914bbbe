package mock

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestCreateAnswersTheBareID(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{})
	for _, path := range []string{"/sessions", "/sessions/"} {
		r := w.api("POST", path, "{}")
		if r.StatusCode != http.StatusOK || len(r.body) != 7 || strings.Trim(r.body, "0123456789") != "" {
			t.Errorf("POST %s: %v %q", path, r.Status, r.body)
		}
		if got := r.Header.Get("X-Crawlera-Session"); got != r.body {
			t.Errorf("the header says %q, the body %q", got, r.body)
		}
		if r.Header.Get("X-Crawlera-Version") == "" {
			t.Error("no X-Crawlera-Version")
		}
	}
}

func TestListNamesEverySessionAndItsIP(t *testing.T) {
	t.Parallel()
	for _, ports := range []bool{false, true} {
		w := onLoopback(t, Config{Delay: -1, ListPorts: ports})
		if got := w.api("GET", "/sessions/", "").body; got != "{}" {
			t.Errorf("no sessions: %s", got)
		}
		a, b := w.newSession(), w.newSession()
		var listed map[string]string
		r := w.api("GET", "/sessions", "")
		if err := json.Unmarshal([]byte(r.body), &listed); err != nil || len(listed) != 2 {
			t.Fatalf("%q: %v", r.body, err)
		}
		for _, id := range []string{a, b} {
			slave := w.get("http://example.com/", inSession(id)).Header.Get("X-Crawlera-Slave")
			want, _, _ := strings.Cut(slave, ":")
			if ports {
				want = slave
			}
			if listed[id] != want || want == "" {
				t.Errorf("session %s is listed at %q and goes out at %q", id, listed[id], slave)
			}
		}
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{})
	id, other := w.newSession(), w.newSession()
	if r := w.api("DELETE", "/sessions/"+id, ""); r.StatusCode != http.StatusNoContent || r.body != "" {
		t.Errorf("%v %q", r.Status, r.body)
	}
	if r := w.api("DELETE", "/sessions/"+id, ""); r.StatusCode != http.StatusBadRequest || r.code() != "bad_session_id" {
		t.Errorf("again: %v %q", r.Status, r.code())
	}
	if r := w.get("http://example.com/", inSession(id)); r.code() != "bad_session_id" {
		t.Errorf("its use: %v %q", r.Status, r.code())
	}
	if got := w.api("GET", "/sessions", "").body; !strings.Contains(got, other) || strings.Contains(got, id) {
		t.Errorf("left: %s", got)
	}
	w = onLoopback(t, Config{DeleteStatus: http.StatusNotFound})
	if r := w.api("DELETE", "/sessions/1", ""); r.StatusCode != http.StatusNotFound {
		t.Errorf("with a status chosen: %v", r.Status)
	}
}

func TestSessionLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{SessionLimit: 2, Origin: hello})
		first := w.newSession()
		w.newSession()
		over := map[string]reply{
			"POST":   w.api("POST", "/sessions", ""),
			"create": w.get("http://example.com/", "X-Crawlera-Session: create"),
		}
		for how, r := range over {
			if r.StatusCode != http.StatusBadRequest || r.code() != "user_session_limit" || r.body != "Session limit exceeded" {
				t.Errorf("%s: %v %q %q", how, r.Status, r.code(), r.body)
			}
			if r.Header.Get("X-Crawlera-Session") != "" {
				t.Errorf("%s names a session", how)
			}
		}
		w.api("DELETE", "/sessions/"+first, "")
		w.newSession()
		time.Sleep(30 * time.Minute) // both end
		w.newSession()
		w.newSession()
	})
}

func TestSessionsWantTheKey(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{})
	id := w.newSession()
	calls := [][2]string{{"POST", "/sessions"}, {"GET", "/sessions"}, {"DELETE", "/sessions/" + id}}
	wrong := []string{
		"Authorization: " + basicAuth("wrong"), "Authorization: Bearer test", "Authorization: Basic %%%", "Authorization: Basic",
		"Authorization: " + basicAuth(""),
	}
	for _, call := range calls {
		for _, header := range wrong {
			r := w.api(call[0], call[1], "", header, "Proxy-Authorization: "+basicAuth("test"))
			if r.StatusCode != http.StatusUnauthorized || r.Header.Get("WWW-Authenticate") != `Basic realm="Crawlera"` {
				t.Errorf("%s with %s: %v %q", call, header, r.Status, r.Header)
			}
		}
	}
	if got := len(w.mock.State().Sessions); got != 1 {
		t.Errorf("%d sessions", got)
	}
	for _, right := range []string{"test", "test:", "test:anything"} {
		header := "Authorization: basic " + base64.StdEncoding.EncodeToString([]byte(right))
		if r := w.api("GET", "/sessions", "", header); r.StatusCode != http.StatusOK {
			t.Errorf("%q: %v", right, r.Status)
		}
	}
	w = onLoopback(t, Config{SessionsAuthStatus: http.StatusProxyAuthRequired})
	if r := w.api("GET", "/sessions", "", wrong[0]); r.StatusCode != 407 || r.Header.Get("Proxy-Authenticate") == "" {
		t.Errorf("with a status chosen: %v", r.Status)
	}
}

func TestUnknownEndpoints(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{})
	calls := [][2]string{
		{"GET", "/"},
		{"GET", "/session"},
		{"GET", "/sessionsx"},
		{"PUT", "/sessions"},
		{"GET", "/sessions/1"},
		{"DELETE", "/sessions"},
		{"DELETE", "/sessions/1/2"},
		{"POST", "/sessions/1"},
		{"GET", "/fetch"},
		{"GET", "//sessions"},
	}
	for _, call := range calls {
		if r := w.api(call[0], call[1], ""); r.StatusCode != 542 || r.code() != "bad_endpoint" {
			t.Errorf("%s: %v %q", call, r.Status, r.code())
		}
	}
	if got := w.raw("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 542 ") {
		t.Errorf("OPTIONS *: %q", got)
	}
}

// A run can be repeated: the seed decides on IDs and IPs, and nothing else does.
func TestSeed(t *testing.T) {
	t.Parallel()
	ids := func(seed int64) (all []string) {
		w := onLoopback(t, Config{Seed: seed, Delay: -1, Origin: hello})
		for range 5 {
			id := w.newSession()
			all = append(all, id, w.get("http://example.com/", inSession(id)).Header.Get("X-Crawlera-Slave"))
		}
		return append(all, w.get("http://example.com/").Header.Get("X-Crawlera-Slave"))
	}
	one, again, two := strings.Join(ids(1), " "), strings.Join(ids(1), " "), strings.Join(ids(2), " ")
	if one != again {
		t.Errorf("the same seed: %s and %s", one, again)
	}
	if one == two {
		t.Errorf("another seed: %s again", one)
	}
}

func TestSessionsShareIPsInTurn(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{IPs: 3})
	for range 7 {
		w.newSession()
	}
	count := map[string]int{}
	for _, s := range w.mock.State().Sessions {
		count[s.IP]++
	}
	if len(count) != 3 {
		t.Errorf("IPs %v", count)
	}
	for ip, n := range count {
		if n != 2 && n != 3 {
			t.Errorf("%d sessions at %s", n, ip)
		}
	}
}
