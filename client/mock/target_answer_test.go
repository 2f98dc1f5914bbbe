package mock

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheTargetsAnswerComesThrough(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{Origin: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["X-Own"] = []string{"1", "2"}
		h["X-Crawlera-Error"] = []string{"banned"} // no target speaks for the service
		h["x-crawlera-slave"] = []string{"192.0.2.1:1"}
		h["Date"] = []string{"Mon, 01 Jan 2001 00:00:00 GMT"}
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "short and stout")
	})})
	for _, target := range []string{"http://example.com/", "https://example.com/"} {
		r := w.get(target)
		if r.StatusCode != http.StatusTeapot || r.body != "short and stout" || len(r.Header["X-Own"]) != 2 || r.code() != "" {
			t.Errorf("%v %v %q", r.Status, r.Header, r.body)
		}
		if len(r.Header["X-Crawlera-Slave"]) != 1 || !strings.HasPrefix(r.Header.Get("X-Crawlera-Slave"), "198.18.") {
			t.Errorf("%v", r.Header)
		}
		if r.Header.Get("Date") != "Mon, 01 Jan 2001 00:00:00 GMT" {
			t.Errorf("the target's Date became %s", r.Header.Get("Date"))
		}
	}
}

func TestResponseLimit(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{ResponseLimit: 1000})
	for _, scheme := range []string{"http", "https"} {
		if r := w.get(scheme + "://example.com/bytes/1000"); r.err != nil || len(r.body) != 1000 {
			t.Errorf("at the limit: %v %d bytes", r.err, len(r.body))
		}
		r := w.get(scheme + "://example.com/bytes/1001")
		if r.StatusCode != 541 || r.code() != "data_error" || r.body != "Response size is too big" {
			t.Errorf("over the limit: %v %q", r.Status, r.body)
		}
		// Told too late for another status.
		if r := w.get(scheme + "://example.com/stream-bytes/100000"); r.err == nil {
			t.Errorf("a stream over the limit: %v, %d bytes", r.Status, len(r.body))
		}
	}
}

func TestASlowTarget(t *testing.T) {
	t.Parallel()
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var wait time.Duration
		_, _ = fmt.Sscan(r.URL.Query().Get("wait"), (*seconds)(&wait))
		select {
		case <-time.After(wait):
			_, _ = io.WriteString(w, "at last")
		case <-r.Context().Done():
			_, _ = io.WriteString(w, "never mind")
		}
	})
	tests := []struct {
		wait    string
		headers []string
		status  int
		after   time.Duration
	}{
		{"29", []string{"X-Crawlera-Session: create"}, 200, 29 * time.Second},
		{"31", []string{"X-Crawlera-Session: create"}, 504, 30 * time.Second},
		{"31", nil, 504, 90 * time.Second}, // three tries
		{"31", []string{"X-Crawlera-Max-Retries: 0"}, 504, 30 * time.Second},
		{"31", []string{"X-Crawlera-Session: create", "X-Crawlera-Max-Retries: 2"}, 504, 60 * time.Second},
		{"179", []string{"X-Crawlera-Timeout: 200000"}, 200, 179 * time.Second},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			w := inBubble(t, Config{Origin: slow})
			began := time.Now()
			r := w.get("https://example.com/?wait="+test.wait, test.headers...)
			if r.StatusCode != test.status || time.Since(began).Round(time.Second) != test.after {
				t.Errorf("%+v: %v after %v", test, r.Response, time.Since(began))
			}
			if test.status == 504 && r.code() != "timeout" {
				t.Errorf("%+v: %q", test, r.code())
			}
		})
	}
}

// A fast clock leaves a target the seconds that it may take on a slow machine.
func TestATargetIsSlowInRealTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{TimeScale: 1000, Origin: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(4 * time.Second)
			_, _ = io.WriteString(w, "at last")
		})})
		if r := w.get("http://example.com/"); r.StatusCode != http.StatusOK || r.body != "at last" {
			t.Errorf("%v: %q", r.Status, r.body)
		}
	})
}

type seconds time.Duration

func (s *seconds) Scan(state fmt.ScanState, _ rune) error {
	var n int
	_, err := fmt.Fscan(state, &n)
	*s = seconds(time.Duration(n) * time.Second)
	return err
}

// The head of an answer ends the target's silence as well as its body does.
func TestATargetThatIsAlmostTooSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Origin: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(30*time.Second - 1)
			w.WriteHeader(http.StatusOK)
			time.Sleep(time.Second)
			_, _ = io.WriteString(w, "hello")
		})})
		if r := w.get("http://example.com/"); r.err != nil || r.body != "hello" {
			t.Errorf("%v %q", r.err, r.body)
		}
	})
}

// The timeout counts the target's silence, not the client's.
func TestTimeoutWithinABody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Origin: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for range 3 {
				_, _ = io.WriteString(w, strings.Repeat("x", 8192))
				w.(http.Flusher).Flush()
				time.Sleep(20 * time.Second)
			}
			if r.URL.Path == "/stops" {
				<-r.Context().Done()
			}
		})})
		if r := w.get("http://example.com/goes-on"); r.err != nil || len(r.body) != 3*8192 {
			t.Errorf("%v, %d bytes", r.err, len(r.body))
		}
		if r := w.get("http://example.com/stops"); !errors.Is(r.err, io.ErrUnexpectedEOF) {
			t.Errorf("silence in the middle: %v, %d bytes", r.err, len(r.body))
		}
	})
}

func TestRetries(t *testing.T) {
	t.Parallel()
	failing := func(code string, times int) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Left-Over", "of a failed try")
			if times--; times >= 0 {
				failTarget(w, code, errors.New("on purpose"))
				return
			}
			w.Header().Del("X-Left-Over")
			_, _ = io.Copy(w, r.Body)
		})
	}
	tests := []struct {
		code     string
		failures int
		headers  []string
		status   int
		tries    int
	}{
		{"econnreset", 2, nil, 200, 3},
		{"econnreset", 3, nil, 502, 3},
		{"nxdomain", 1, nil, 502, 1}, // trying again does not help
		{"econnreset", 1, []string{"X-Crawlera-Session: create"}, 502, 1},
		{"econnreset", 4, []string{"X-Crawlera-Session: create", "X-Crawlera-Max-Retries: 5"}, 200, 5},
	}
	for _, test := range tests {
		w := onLoopback(t, Config{Origin: failing(test.code, test.failures)})
		r := w.get("https://example.com/", test.headers...)
		if r.StatusCode != test.status || w.onlyEntry("target").Attempts != test.tries {
			t.Errorf("%+v: %v after %d tries", test, r.Status, w.onlyEntry("target").Attempts)
		}
		if r.Header.Get("X-Left-Over") != "" {
			t.Errorf("%+v: the answer has headers of a failed try", test)
		}
		if test.status != 200 && r.code() != test.code {
			t.Errorf("%+v: %q", test, r.code())
		}
	}
}

// A fault spoils a request with all its tries, except where the client asks
// for tries: then each draws anew.
func TestRetriesAndFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault   string
		headers []string
		status  int
	}{
		{"banned:1", nil, 503},
		{"banned:1", []string{"X-Crawlera-Max-Retries: 1"}, 503},
		{"banned:1", []string{"X-Crawlera-Max-Retries: 2"}, 200},
		{"banned:1", []string{"X-Crawlera-Max-Retries: 2", "X-Crawlera-Session: create"}, 200},
		{"banned:2", []string{"X-Crawlera-Max-Retries: 2"}, 503},
		{"domain_forbidden:1", []string{"X-Crawlera-Max-Retries: 5"}, 523},
	}
	for _, test := range tests {
		fault, err := ParseFault(test.fault)
		if err != nil {
			t.Fatal(err)
		}
		w := onLoopback(t, Config{Origin: hello, Faults: []Fault{fault}})
		if r := w.get("http://example.com/", test.headers...); r.StatusCode != test.status {
			t.Errorf("%+v: %v", test, r.Status)
		}
	}
}

func TestCookies(t *testing.T) {
	t.Parallel()
	jarOrigin := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "theirs", Value: "set", Path: "/"})
		_, _ = io.WriteString(w, r.Header.Get("Cookie"))
	})
	tests := []struct {
		plan, mode string
		want       string // by the second request, with "Cookie: own=1; theirs=2"
	}{
		{planEnterprise, "", "theirs=set; own=1"},
		{planEnterprise, "enable", "theirs=set; own=1"},
		{planEnterprise, "disable", "own=1; theirs=2"},
		{planEnterprise, "discard", ""},
		{planAdvanced, "", ""},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			w := inBubble(t, Config{Plan: test.plan, Origin: jarOrigin})
			id := w.newSession()
			headers := []string{inSession(id)}
			if test.mode != "" {
				headers = append(headers, "X-Crawlera-Cookies: "+test.mode)
			}
			if r := w.get("https://example.com/", headers...); r.body != "" || r.Header.Get("Set-Cookie") == "" {
				t.Errorf("%+v: first %q %v", test, r.body, r.Header)
			}
			headers = append(headers, "Cookie: own=1; theirs=2")
			if r := w.get("https://example.com/", headers...); r.body != test.want {
				t.Errorf("%+v: %q", test, r.body)
			}
			if r := w.get("https://example.org/", inSession(id)); r.body != "" {
				t.Errorf("%+v: another host sees %q", test, r.body)
			}
			time.Sleep(cookieLife)
			if r := w.get("https://example.com/", inSession(id)); r.body != "" {
				t.Errorf("%+v: a quarter of an hour later %q", test, r.body)
			}
		})
	}
}

func TestDateFollowsTheClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Origin: hello, TimeScale: 2})
		start := time.Now()
		time.Sleep(time.Hour)
		w.mock.clock.advance(time.Hour)
		want := start.Add(3 * time.Hour).UTC().Format(http.TimeFormat)
		answers := map[string]reply{
			"target": w.get("http://example.com/"), "error": w.get("http://example.com/", inSession("1")), "sessions": w.api("GET", "/sessions", ""),
		}
		for name, r := range answers {
			if got := r.Header.Get("Date"); got != want {
				t.Errorf("%s: %s, want %s", name, got, want)
			}
		}
	})
}
