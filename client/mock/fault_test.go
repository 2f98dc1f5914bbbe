package mock

import (
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestParseFault(t *testing.T) {
	t.Parallel()
	good := map[string]Fault{
		"banned":                        {Name: "banned"},
		"banned:3":                      {Name: "banned", Count: 3},
		"reset@0.5":                     {Name: "reset", Rate: 0.5},
		"stall:2@0.25:after":            {Name: "stall", Count: 2, Rate: 0.25, After: true},
		"timeout:before":                {Name: "timeout"},
		"garbage@1:after":               {Name: "garbage", Rate: 1, After: true},
		"bad_proxy_auth:1:connect":      {Name: "bad_proxy_auth", Count: 1, On: "connect"},
		"reset:after:sessions":          {Name: "reset", After: true, On: "sessions"},
		"user_session_limit:7@1:before": {Name: "user_session_limit", Count: 7, Rate: 1},
	}
	for s, want := range good {
		if got, err := ParseFault(s); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", s, got, err)
		}
	}
	for _, s := range []string{
		"", ":", "nonsense", "banned:", "banned:0", "banned:-1", "banned:x", "banned:1.5", "banned@", "banned@0", "banned@2",
		"banned@x", "banned@NaN", "banned:afterwards", "@0.5", ":3", "Banned", "banned:1@", "banned\r\n",
		"truncate:connect", "slow:1:connect", "reset:after:connect",
	} {
		if got, err := ParseFault(s); err == nil {
			t.Errorf("%q: %+v", s, got)
		} else if !strings.Contains(err.Error(), "fault") {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func FuzzParseFault(f *testing.F) {
	for _, s := range []string{"banned", "reset:3@0.5:after", "x:@", "stall@1e-9:connect"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := ParseFault(s); err == nil && got.validate() != nil {
			t.Errorf("%q gives %+v, which is invalid: %v", s, got, got.validate())
		}
	})
}

func TestFaultsStrikeAsOftenAsTheySay(t *testing.T) {
	t.Parallel()
	f, err := newFaults([]Fault{{Name: "banned", Count: 2}, {Name: "timeout", Count: 1}, {Name: "reset", Rate: 0.25}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var drawn []string
	for range 1003 {
		name := ""
		if hit := f.draw(onTarget); hit != nil {
			name = hit.Name
		}
		drawn = append(drawn, name)
	}
	if !slices.Equal(drawn[:3], []string{"banned", "banned", "timeout"}) {
		t.Errorf("first %q", drawn[:3])
	}
	resets := 0
	for _, name := range drawn[3:] {
		if name == "reset" {
			resets++
		}
	}
	if resets < 200 || resets > 300 {
		t.Errorf("%d of 1000 at a rate of a quarter", resets)
	}
	f.reset()
	for i, want := range drawn {
		hit := f.draw(onTarget)
		if name := ""; hit != nil && hit.Name != want || hit == nil && name != want {
			t.Fatalf("draw %d differs after a reset", i)
		}
	}
	if _, err := newFaults([]Fault{{Name: "nonsense"}}, 1); err == nil {
		t.Error("an unknown fault is accepted")
	}
}

// Every code answers with its status and its text, the same in a tunnel.
func TestEveryErrorCode(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: hello, Delay: -1})
	for code, want := range refusals {
		for _, target := range []string{"http://example.com/", "https://example.com/"} {
			id := w.newSession()
			w.mock.faults.arm([]Fault{{Name: code, Count: 1, On: onTarget}})
			r := w.get(target, inSession(id))
			if r.err != nil || r.StatusCode != want.status || r.code() != code || r.body != want.body {
				t.Errorf("%s at %s: %v %v %q %q", code, target, r.err, r.Response, r.code(), r.body)
				continue
			}
			if got := r.Header.Get("X-Crawlera-Session"); got != id {
				t.Errorf("%s at %s: session %q, want %q", code, target, got, id)
			}
			if r.Header.Get("X-Crawlera-Slave") != "" || r.Header.Get("X-Crawlera-Version") == "" {
				t.Errorf("%s at %s: %v", code, target, r.Header)
			}
		}
	}
}

func TestReasonPhrases(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Faults: []Fault{{Name: "domain_forbidden"}}, ErrorNewline: true})
	got := w.raw("GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\nProxy-Authorization: " + basicAuth("test") + "\r\n\r\n")
	date := w.mock.date()
	want := "HTTP/1.1 523 Internal Server Error\r\nConnection: close\r\nContent-Length: 37\r\nContent-Type: text/plain\r\nDate: " + date +
		"\r\nProxy-Connection: close\r\nX-Crawlera-Error: domain_forbidden\r\nX-Crawlera-Version: " + version +
		"\r\n\r\nThe domain is forbidden for crawling\n"
	if got != want && !strings.Contains(date, ":59 ") {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	got = w.raw("HEAD http://example.com/ HTTP/1.1\r\nHost: example.com\r\nProxy-Authorization: " + basicAuth("test") + "\r\n\r\n")
	if !strings.HasSuffix(got, "\r\n\r\n") || !strings.Contains(got, "Content-Length: 37") {
		t.Errorf("HEAD: %q", got)
	}
}

// Before: nothing has happened. After: everything has, and nobody was told.
func TestBeforeAndAfter(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"reset", "garbage", "serverbusy"} {
		for _, after := range []bool{false, true} {
			asked := 0
			w := onLoopback(t, Config{Origin: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ })})
			arm := func(on string) { w.mock.faults.arm([]Fault{{Name: name, Count: 1, After: after, On: on}}) }
			happened := 0
			if after {
				happened = 1
			}
			arm(onSessions)
			if r := w.api("POST", "/sessions", ""); r.err == nil && r.StatusCode == http.StatusOK {
				t.Errorf("%s: POST was answered", name)
			}
			if got := len(w.mock.State().Sessions); got != happened {
				t.Errorf("%s, after=%t: POST left %d sessions", name, after, got)
			}
			id := w.newSession()
			arm(onSessions)
			w.api("DELETE", "/sessions/"+id, "")
			if gone := w.mock.store.begin(id) == nil; gone != after {
				t.Errorf("%s, after=%t: the session is gone: %t", name, after, gone)
			}
			id = w.newSession()
			arm(onTarget)
			if r := w.do(t.Context(), w.request("POST", "https://example.com/", strings.NewReader("body"), inSession(id))); r.err == nil && r.StatusCode == http.StatusOK {
				t.Errorf("%s: the request was answered", name)
			}
			if judged := w.mock.Verdict().Requests; asked != happened || judged != int64(happened) {
				t.Errorf("%s, after=%t: the target was asked %d times, %d slots taken", name, after, asked, judged)
			}
			arm(onTarget)
			before := len(w.mock.State().Sessions)
			w.do(t.Context(), w.request("POST", "https://example.com/", nil, "X-Crawlera-Session: create"))
			if made := len(w.mock.State().Sessions) - before; made != happened {
				t.Errorf("%s, after=%t: create made %d sessions", name, after, made)
			}
		}
	}
}

func TestABanPoisonsItsSession(t *testing.T) {
	t.Parallel()
	asked := 0
	w := onLoopback(t, Config{Delay: -1, Origin: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ })})
	id, other := w.newSession(), w.newSession()
	w.get("http://example.com/", inSession(id))
	w.mock.faults.arm([]Fault{{Name: "banned", Count: 1}})
	for range 3 {
		r := w.get("https://example.com/", inSession(id))
		if r.StatusCode != http.StatusServiceUnavailable || r.code() != "banned" || r.body != "All download attempts failed. Please retry." {
			t.Errorf("%v %q %q", r.Status, r.code(), r.body)
		}
	}
	if r := w.get("https://example.com/", inSession(other)); r.StatusCode != http.StatusOK || asked != 2 {
		t.Errorf("another session: %v; the target was asked %d times", r.Status, asked)
	}
	if !w.mock.State().Sessions[slices.IndexFunc(w.mock.State().Sessions, func(s SessionState) bool { return s.ID == id })].Banned {
		t.Error("the state does not show it")
	}
	if r := w.api("DELETE", "/sessions/"+id, ""); r.StatusCode != http.StatusNoContent {
		t.Errorf("it cannot be deleted: %v", r.Status)
	}
}

func TestCodesOfCONNECT(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: hello})
	auth := "CONNECT example.com:443 HTTP/1.1\r\nProxy-Authorization: " + basicAuth("test") + "\r\n\r\n"
	for _, code := range []string{"ssl_tunnel_error", "user_suspended"} {
		w.mock.faults.arm([]Fault{{Name: code, Count: 1}})
		if got := w.raw(auth); !strings.Contains(got, "X-Crawlera-Error: "+code) {
			t.Errorf("%s: %q", code, got)
		}
	}
	w.mock.faults.arm([]Fault{{Name: "reset", On: onConnect, Count: 1}})
	if got := w.raw(auth); got != "" {
		t.Errorf("reset: %q", got)
	}
	w.mock.faults.arm([]Fault{{Name: "banned"}})
	w.connect("example.com:443") // a ban is told inside
}

func TestUnknownCodes(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: hello})
	r := w.api("POST", "/_mock/faults", `{"name":"frobnicated","status":599,"body":"no idea","retry_after":"1.5","count":1}`)
	if r.StatusCode != http.StatusNoContent {
		t.Fatalf("%v %s", r.Status, r.body)
	}
	r = w.get("http://example.com/")
	if r.StatusCode != 599 || r.code() != "frobnicated" || r.body != "no idea" || r.Header.Get("Retry-After") != "1.5" {
		t.Errorf("%v %v %q", r.Status, r.Header, r.body)
	}
}

func TestBrokenNetworks(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("0123456789", 100)
	origins := map[string]http.Handler{
		"with a length": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }),
		"chunked": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, body)
			w.(http.Flusher).Flush()
		}),
		"without a body": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }),
	}
	for kind, origin := range origins {
		for _, target := range []string{"http://example.com/", "https://example.com/"} {
			w := onLoopback(t, Config{Origin: origin})
			for _, name := range []string{faultReset, faultGarbage, faultTruncate} {
				w.mock.faults.arm([]Fault{{Name: name, Count: 1, On: onTarget}})
				r := w.get(target)
				if r.err == nil {
					t.Errorf("%s, %s, %s: answered %v %q", name, kind, target, r.Response, r.body)
				}
			}
			if r := w.get(target); r.err != nil {
				t.Errorf("%s, %s: afterwards %v", kind, target, r.err)
			}
		}
	}
}

func TestTruncatedSessionsAPI(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{})
	w.mock.faults.arm([]Fault{{Name: faultTruncate, Count: 1}})
	if r := w.api("POST", "/sessions", ""); !errors.Is(r.err, io.ErrUnexpectedEOF) || len(r.body) != 3 {
		t.Errorf("%v %q", r.err, r.body)
	}
}

func TestStallAndSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Origin: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(make([]byte, 1000))
		})})
		for _, target := range []string{"http://example.com/", "https://example.com/"} {
			w.mock.faults.arm([]Fault{{Name: faultStall, Count: 1}})
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			r := w.do(ctx, w.request("POST", target, strings.NewReader("body")))
			cancel()
			if !errors.Is(r.err, context.DeadlineExceeded) {
				t.Errorf("stalled: %v", r.err)
			}
			w.mock.faults.arm([]Fault{{Name: faultSlow, Count: 1}})
			began := time.Now()
			r = w.get(target)
			if r.err != nil || len(r.body) != 1000 || time.Since(began) != 4*time.Second {
				t.Errorf("slow: %v, %d bytes after %v", r.err, len(r.body), time.Since(began))
			}
		}
		w.mock.faults.arm([]Fault{{Name: faultSlow, Count: 1}})
		began := time.Now()
		if r := w.api("POST", "/sessions", ""); len(r.body) != 7 || time.Since(began) != 7*time.Second {
			t.Errorf("slow session: %q after %v", r.body, time.Since(began))
		}
	})
}

func TestTheJournalNamesTheFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Origin: hello})
		for _, name := range []string{faultReset, faultGarbage, faultTruncate, faultSlow, "banned", "banned:after"} {
			f, err := ParseFault(name + ":1:target")
			if err != nil {
				t.Fatal(err)
			}
			for _, target := range []string{"http://example.com/", "https://example.com/"} {
				w.mock.faults.arm([]Fault{f})
				w.get(target)
				synctest.Wait()
				if last := w.mock.journal.last(1)[0]; last.Fault != f.Name || last.Target != target {
					t.Errorf("%s: the journal names %q at %s", name, last.Fault, last.Target)
				}
			}
		}
	})
}
