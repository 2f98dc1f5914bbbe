package mock

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestControlIsForThisMachine(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{AllowHosts: []string{"mock.internal"}})
	ask := func(host string, headers ...string) string {
		return w.raw("GET /_mock/state HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + strings.Join(append(headers, ""), "\r\n") + "\r\n")
	}
	for _, host := range []string{"127.0.0.1:8011", "127.9.9.9", "localhost:1", "LOCALHOST", "[::1]:8011", "::1", "mock.internal:80"} {
		if got := ask(host); !strings.HasPrefix(got, "HTTP/1.1 200 ") {
			t.Errorf("Host %s: %.80q", host, got)
		}
	}
	for _, host := range []string{"example.com", "localhost.example.com", "192.0.2.1", "127.0.0.1.example.com:8011", ""} {
		if got := ask(host); !strings.HasPrefix(got, "HTTP/1.1 403 ") {
			t.Errorf("Host %s: %.80q", host, got)
		}
	}
	for _, header := range []string{"Origin: http://localhost:8011", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none"} {
		if got := ask("localhost:8011", header); !strings.HasPrefix(got, "HTTP/1.1 200 ") {
			t.Errorf("%s: %.80q", header, got)
		}
	}
	for _, header := range []string{
		"Origin: http://example.com", "Origin: null", "Origin: http://localhost:9", "Origin: ://",
		"Origin: https://localhost:8011", "Origin: http://localhost:8011\r\nOrigin: http://example.com",
		"Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site",
	} {
		if got := ask("localhost:8011", header); !strings.HasPrefix(got, "HTTP/1.1 403 ") {
			t.Errorf("%s: %.80q", header, got)
		}
	}
}

// The endpoint over TLS is another origin than the one in the clear.
func TestControlKnowsItsSchemes(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{})
	for origin, want := range map[string]int{"https://127.0.0.1:8011": 200, "http://127.0.0.1:8011": 403} {
		transport := &http.Transport{DialContext: w.dial, TLSClientConfig: w.trust(), DisableKeepAlives: true}
		r := w.request("GET", "https://127.0.0.1:8011/_mock/state", nil, "Origin: "+origin)
		if got := readReply((&http.Client{Transport: transport}).Do(r)); got.err != nil || got.StatusCode != want {
			t.Errorf("%s over TLS: %v %v, want %d", origin, got.err, got.Response, want)
		}
	}
}

// A machine that reaches a mock which listens for others may write any Host.
func TestControlIsForOtherMachinesByAllowedHosts(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{AllowHosts: []string{"mock.internal"}})
	for _, tt := range []struct {
		peer, host string
		want       bool
	}{
		{"127.0.0.1:40000", "localhost:8011", true},
		{"[::1]:40000", "localhost:8011", true},
		{"[::ffff:127.0.0.1]:40000", "127.0.0.1:8011", true},
		{"192.0.2.7:40000", "localhost:8011", false},
		{"192.0.2.7:40000", "127.0.0.1:8011", false},
		{"[2001:db8::1]:40000", "[::1]:8011", false},
		{"192.0.2.7:40000", "mock.internal", true},
		{"127.0.0.1:40000", "mock.internal", true},
	} {
		r := httptest.NewRequest("GET", "http://"+tt.host+"/_mock/state", nil)
		r.RemoteAddr = tt.peer
		if err := w.mock.checkOrigin(r); (err == nil) != tt.want {
			t.Errorf("from %s for %s: %v, want %t", tt.peer, tt.host, err, tt.want)
		}
	}
}

func TestControlMethods(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{})
	for path, want := range map[string]int{
		"GET /_mock/": 200, "GET /_mock": 301, "GET /_mock/state": 200, "GET /_mock/journal": 200, "GET /_mock/verdict": 200,
		"GET /_mock/faults": 200, "GET /_mock/clock": 200, "GET /_mock/ca.pem": 200, "POST /_mock/reset": 204, "GET /_mock/reset": 405,
		"DELETE /_mock/state": 405, "GET /_mock/nothing": 404, "DELETE /_mock/faults": 204, "GET /_mock/journal?after=x": 400,
	} {
		method, target, _ := strings.Cut(path, " ")
		if r := w.api(method, target, ""); r.err != nil || r.StatusCode != want {
			t.Errorf("%s: %v %v, want %d", path, r.err, r.Response, want)
		}
	}
	if got := w.api("GET", "/_mock/ca.pem", "").body; got != string(w.mock.CACert()) {
		t.Errorf("ca.pem: %q", got)
	}
	if n := len(w.mock.journal.after(0)); n != 0 {
		t.Errorf("control is in the journal, %d times", n)
	}
}

func TestFaultsByControl(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: hello, Faults: []Fault{{Name: "noslaves"}}})
	good := []string{`{"name":"banned"}`, `[{"name":"banned","count":2},{"name":"reset","rate":0.5,"after":true,"on":"sessions"}]`, "banned:3@0.5:after\nreset", "stall"}
	want := []int{1, 2, 2, 1}
	for i, body := range good {
		w.api("DELETE", "/_mock/faults", "")
		if r := w.api("POST", "/_mock/faults", body); r.StatusCode != http.StatusNoContent {
			t.Errorf("%s: %v %s", body, r.Status, r.body)
		}
		var armed []map[string]any
		r := w.api("GET", "/_mock/faults", "")
		if err := json.Unmarshal([]byte(r.body), &armed); err != nil || len(armed) != want[i] {
			t.Errorf("%s arms %s", body, r.body)
		}
	}
	w.api("POST", "/_mock/reset", "")
	if r := w.get("http://example.com/"); r.code() != "noslaves" {
		t.Errorf("after a reset: %q", r.code())
	}
	for _, body := range []string{"", "{}", "nonsense", `{"name":"nonsense"}`, `{"name":"banned","often":1}`, `{"name":"banned"}{}`, `{"name":"banned","rate":2}`, `[{"name":"banned"},{"name":"x"}]`} {
		if r := w.api("POST", "/_mock/faults", body); r.StatusCode != http.StatusBadRequest || strings.TrimSpace(r.body) == "" {
			t.Errorf("%q: %v %q", body, r.Status, r.body)
		}
	}
	if n := len(w.mock.faults.list()); n != 1 {
		t.Errorf("%d armed after bad ones", n)
	}
}

func TestClockByControl(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Origin: hello})
		id := w.newSession()
		r := w.api("POST", "/_mock/clock", `{"advance":"31m"}`)
		var got clockState
		if err := json.Unmarshal([]byte(r.body), &got); err != nil || !got.Time.Equal(time.Now().Add(31*time.Minute)) {
			t.Errorf("%v %s", r.Status, r.body)
		}
		if r := w.get("http://example.com/", inSession(id)); r.code() != "bad_session_id" {
			t.Errorf("the session lives on: %v", r.Status)
		}
		for _, body := range []string{"", "{}", `{"advance":"-1s"}`, `{"advance":"2562047h"}`, `{"advance":5}`, `{"advance":"soon"}`, `{"back":"1s"}`} {
			if r := w.api("POST", "/_mock/clock", body); r.StatusCode != http.StatusBadRequest {
				t.Errorf("%q: %v", body, r.Status)
			}
		}
	})
}

func TestStateAndReset(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Origin: hello, Seed: 7})
		id := w.newSession()
		w.get("http://example.com/", inSession(id))
		w.get("http://example.com/", inSession(id))
		var got State
		r := w.api("GET", "/_mock/state", "")
		if err := json.Unmarshal([]byte(r.body), &got); err != nil {
			t.Fatal(err)
		}
		if got.Requests != 3 || got.Judged != 2 || got.Violations != 1 || len(got.Sessions) != 1 || len(got.IPs) != 1 {
			t.Fatalf("%s", r.body)
		}
		s, ip := got.Sessions[0], got.IPs[0]
		if s.ID != id || s.Requests != 2 || !s.Expires.Equal(time.Now().Add(30*time.Minute)) || s.IP != ip.IP {
			t.Errorf("%+v", s)
		}
		if ip.Requests != 2 || ip.Violations != 1 || ip.DelayS != 13 || !ip.NextSlot.Equal(time.Now().Add(13*time.Second)) {
			t.Errorf("%+v", ip)
		}
		w.api("POST", "/_mock/reset", "")
		if got := w.mock.State(); len(got.Sessions)+len(got.IPs) != 0 || got.Judged+got.Violations != 0 || len(w.mock.Verdict().Violations) != 0 {
			t.Errorf("after a reset: %+v", got)
		}
		if again := w.newSession(); again == id {
			t.Errorf("after a reset %s is given out again", again)
		}
	})
}

func TestStateCountsRequestsOutsideSessions(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: hello, IPs: 1})
	for _, target := range []string{"http://example.com/", "https://example.com/"} {
		w.get(target)
	}
	if got := w.mock.State(); len(got.IPs) != 1 || got.IPs[0].Requests != 2 || got.Judged != 0 {
		t.Errorf("%+v", got)
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var kept bytes.Buffer
		w := inBubble(t, Config{Origin: hello, Journal: &kept, Key: "a-secret-key-of-somebody"})
		client := w.client("a-secret-key-of-somebody")
		id := readReply(client.Do(w.request("GET", "https://user:password@example.com/a-secret-key-of-somebody?key=a-secret-key-of-somebody", nil, "X-Crawlera-Session: create",
			"Authorization: Basic c2VjcmV0"))).Header.Get("X-Crawlera-Session")
		time.Sleep(2 * time.Second)
		readReply(client.Do(w.request("GET", "https://example.com/", nil, inSession(id))))
		readReply(client.Do(w.request("GET", "http://example.com/", nil, inSession("a-secret-key-of-somebody"))))
		client.CloseIdleConnections()
		w.raw("DELETE /sessions/a-secret-key-of-somebody HTTP/1.1\r\nHost: x\r\nAuthorization: " + basicAuth("a-secret-key-of-somebody") + "\r\n\r\n")
		w.raw("CONNECT a-secret-key-of-somebody:password@example.com:443 HTTP/1.1\r\nConnection: close\r\n\r\n")
		if err := w.mock.Close(); err != nil {
			t.Fatal(err)
		}
		var entries []Entry
		for line := range strings.Lines(kept.String()) {
			var e Entry
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatal(err)
			}
			entries = append(entries, e)
		}
		for _, secret := range []string{"a-secret-key", "password", "c2VjcmV0", basicAuth("a-secret-key-of-somebody")[6:]} {
			if strings.Contains(kept.String(), secret) {
				t.Errorf("the journal tells %q: %s", secret, kept.String())
			}
		}
		if len(entries) != 6 || entries[0].Kind != "connect" || entries[0].Target != "example.com:443" {
			t.Fatalf("%s", kept.String())
		}
		held := entries[2]
		if held.Session != id || held.IP == "" || held.HeldS != 10 || held.EarlyS != 10 || held.Verdict != verdictViolation ||
			held.Status != 200 || held.Target != "https://example.com/" || held.DurationS != 10 || held.Seq != 3 || held.Conn == "" {
			t.Errorf("%+v", held)
		}
		if refused := entries[3]; refused.Status != 400 || refused.Error != "bad_session_id" || !refused.Slot.IsZero() {
			t.Errorf("%+v", refused)
		}
		if v := w.mock.Verdict(); len(v.Violations) != 1 || v.Violations[0].Request != held.Request || v.Violations[0].Conn != held.Conn {
			t.Errorf("%+v", v)
		}
	})
}

func TestJournalKeepsTheLast(t *testing.T) {
	t.Parallel()
	j := newJournal(nil)
	for range maxJournal + 5 {
		j.add(Entry{}, heads{})
	}
	all := j.after(0)
	if len(all) != maxJournal || all[0].Seq != 6 || all[maxJournal-1].Seq != maxJournal+5 {
		t.Errorf("%d entries, from %d", len(all), all[0].Seq)
	}
	if got := j.after(maxJournal + 3); len(got) != 2 || got[0].Seq != maxJournal+4 {
		t.Errorf("behind a number: %+v", got)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, fmt.Errorf("disk full") }

func TestAJournalThatCannotBeWrittenIsTold(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: hello, Journal: fullDisk{}})
	if r := w.get("http://example.com/"); r.StatusCode != http.StatusOK {
		t.Errorf("requests suffer: %v", r.Status)
	}
	if err := w.mock.Close(); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("Close: %v", err)
	}
}
