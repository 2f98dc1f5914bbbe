package mock

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestJournalKeepsHeads(t *testing.T) {
	t.Parallel()
	const key = "a-secret-key-of-somebody"
	w := onLoopback(t, Config{Origin: hello, Key: key})
	for _, scheme := range []string{"http", "https"} {
		r := w.request("GET", scheme+"://example.com/", nil, "X-Crawlera-Session: create", "Accept: text/plain", "Accept: text/html",
			"X-Leak: it is "+key, "X-Authorization: "+basicAuth(key), "Authorization: Bearer t0k3n", "Cookie: a=s3cret; b=s3cret")
		client := w.client(key)
		if got := readReply(client.Do(r)); got.err != nil || got.StatusCode != 200 {
			t.Fatalf("%v %v", got.err, got.Response)
		}
		client.CloseIdleConnections()
		kept := w.lastEntry()
		want := http.Header{
			"Host": {"example.com"}, "Accept": {"text/plain", "text/html"}, "X-Leak": {"it is REDACTED"}, "Authorization": {"Bearer REDACTED"},
			"X-Authorization": {"Basic REDACTED"},
			"Cookie":          {"a=REDACTED; b=REDACTED"}, "X-Crawlera-Session": {"create"},
		}
		if scheme == "http" {
			want["Proxy-Authorization"] = []string{"Basic REDACTED"}
		}
		for name := range want {
			if !slices.Equal(kept.RequestHeaders[name], want[name]) {
				t.Errorf("%s: %s: %q, want %q", scheme, name, kept.RequestHeaders[name], want[name])
			}
		}
		if kept.ResponseHeaders.Get("X-Crawlera-Session") != kept.Session || kept.ResponseHeaders.Get("X-Crawlera-Slave") == "" {
			t.Errorf("%s: the answer's head: %v", scheme, kept.ResponseHeaders)
		}
	}
}

// Answers that the service makes itself have a head as well.
func TestJournalKeepsHeadsOfRefusals(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: hello})
	for _, ask := range []func(){
		func() { w.get("http://example.com/", inSession("999")) },
		func() { w.api("DELETE", "/sessions/999", "") },
		func() {
			w.raw("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\nConnection: close\r\n\r\n")
		},
	} {
		ask()
		if e := w.lastEntry(); e.ResponseHeaders.Get("X-Crawlera-Error") != e.Error || e.Error == "" {
			t.Errorf("%s: %q but %v", e.Kind, e.Error, e.ResponseHeaders)
		}
	}
	w.newSession()
	if e := w.lastEntry(); e.ResponseHeaders.Get("X-Crawlera-Session") != e.Session || e.RequestHeaders.Get("Authorization") != "Basic REDACTED" {
		t.Errorf("%+v", e)
	}
}

func TestSetCookieKeepsItsAttributes(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"id=s3cret; Path=/; HttpOnly": "id=REDACTED; Path=/; HttpOnly",
		"id=s3cret":                   "id=REDACTED",
		"s3cret":                      "REDACTED",
	} {
		if got := withoutSecrets("set-cookie", value); got != want {
			t.Errorf("%s: %s, want %s", value, got, want)
		}
	}
}

func TestHeadsAreBounded(t *testing.T) {
	t.Parallel()
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	many := http.Header{"X-Long": {strings.Repeat("ü", 40_000)}}
	for i := range 500 {
		many.Set(fmt.Sprintf("X-Field-%d", i), strings.Repeat("v", 500))
	}
	kept := s.headOf("example.com", many)
	if len(kept) > maxHead+2*maxFieldValue {
		t.Errorf("%d bytes are kept of a head", len(kept))
	}
	if !strings.Contains(kept, moreFields+": 4") || !strings.HasSuffix(kept, " more\n") {
		t.Errorf("the head does not say that more was there: …%q", kept[len(kept)-40:])
	}
	long := s.headOf("", http.Header{"X-Long": many["X-Long"]})
	if !strings.HasSuffix(long, "ü… (80000 bytes)\n") {
		t.Errorf("a cut value does not say how long it was: %q", long[len(long)-40:])
	}
}

// Whatever clients send, the journal's heads take no more than their share.
func TestJournalBoundsAllHeads(t *testing.T) {
	t.Parallel()
	j := newJournal(nil)
	line := "X-Field: " + strings.Repeat("v", 1<<13) + "\n"
	for range 3 * maxJournal {
		j.add(Entry{}, heads{strings.Clone(line), strings.Clone(line)})
	}
	kept := j.after(0)
	bytes, headed := 0, 0
	for _, r := range kept {
		bytes += r.heads.size()
		if r.heads.size() > 0 {
			headed++
		}
	}
	if bytes != j.size || headed != j.whole || bytes > maxRecords || bytes < maxRecords-2*len(line) {
		t.Errorf("%d bytes in %d heads, counted as %d in %d", bytes, headed, j.size, j.whole)
	}
	if newest := kept[len(kept)-1]; newest.entry().RequestHeaders == nil || kept[0].entry().RequestHeaders != nil {
		t.Error("not the oldest heads were dropped")
	}
	target := "http://example.com/" + strings.Repeat("t", 90_000)
	for range maxJournal {
		j.add(Entry{Target: target}, heads{})
	}
	if newest, oldest := j.after(0)[maxJournal-1], j.after(0)[0]; len(newest.Target) < maxTarget || len(oldest.Target) > 2*maxShortTarget {
		t.Errorf("targets of %d and %d bytes", len(oldest.Target), len(newest.Target))
	}
	if j.size > maxRecords {
		t.Errorf("%d bytes", j.size)
	}
	for range maxJournal {
		j.add(Entry{}, heads{})
	}
	if j.size != 0 {
		t.Errorf("%d bytes of heads are counted and none is there", j.size)
	}
}

func TestJournalOfOneRequest(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: hello})
	for range 3 {
		w.get("http://example.com/")
	}
	var e Entry
	if got := w.api("GET", "/_mock/journal?request=2", ""); json.Unmarshal([]byte(got.body), &e) != nil || e.Request != 2 || e.RequestHeaders == nil {
		t.Errorf("%s", got.body)
	}
	if got := w.api("GET", "/_mock/journal?heads=0&after=1", ""); strings.Contains(got.body, "headers") || strings.Count(got.body, "\n") != 2 {
		t.Errorf("%s", got.body)
	}
	if got := w.api("GET", "/_mock/journal?request=x", ""); got.StatusCode != 400 {
		t.Errorf("%v", got.Response)
	}
}

// lastEntry returns the newest entry when no exchange is under way: an entry is
// made after its answer.
func (w *world) lastEntry() Entry {
	w.t.Helper()
	change, leave := w.mock.watchers.join()
	defer leave()
	for {
		if all := w.mock.Journal(); len(all) > 0 && int64(len(all)) == w.mock.requests.Load() {
			return all[len(all)-1]
		}
		select {
		case <-change:
		case <-w.t.Context().Done():
			w.t.Fatal("an exchange does not end")
		}
	}
}

// The journal keeps nothing of what it shows a part of. Others run beside a
// parallel test, and would be counted.
func TestJournalKeepsNoRequestAlive(t *testing.T) {
	w := onLoopback(t, Config{Origin: hello})
	var before, after runtime.MemStats
	measure := func(to *runtime.MemStats) {
		runtime.GC()
		runtime.ReadMemStats(to)
	}
	client := w.client("test") // one connection: an idle one keeps its last request
	measure(&before)
	for i := range 400 {
		target := fmt.Sprintf("http://example.com/?%d%s", i, strings.Repeat("x", 90_000))
		r := readReply(client.Do(w.request("GET", target, nil)))
		if r.err != nil || r.StatusCode != 200 {
			t.Fatalf("%v %v", r.err, r.Response)
		}
	}
	measure(&after)
	if kept := int64(after.HeapAlloc) - int64(before.HeapAlloc); kept > 12<<20 {
		t.Errorf("400 requests of 90 KB leave %d MB", kept>>20)
	}
}
