package relay

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"smp/client/mock"
	"smp/client/paced"
)

var schemes = []string{"http", "https"}

// inBubble runs a test for http and for https targets, in virtual time.
func inBubble(t *testing.T, test func(t *testing.T, scheme string)) {
	for _, scheme := range schemes {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { test(t, scheme) })
		})
	}
}

func TestRelayKeepsTheDelay(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		w := newWorld(t, mock.Config{}, nil)
		id := w.session()
		start := time.Now()
		for range 4 {
			r := w.get(scheme+"://shop.test/get?a=%2F", headerSession, id)
			if r.StatusCode != 200 || !strings.Contains(r.text, scheme+"://shop.test/get?a=%2F") {
				t.Fatalf("%d %s", r.StatusCode, r.text)
			}
		}
		if took := time.Since(start); took < 3*delay || took > 3*delay+time.Second {
			t.Errorf("four requests took %v, want %v", took, 3*delay)
		}
		w.inTime()
	})
}

func TestRelaySharesAName(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		w := newWorld(t, mock.Config{}, nil)
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() { w.get(scheme+"://shop.test/get", headerSession, "@shop") })
		}
		all.Wait()
		sessions := map[string]bool{}
		for _, e := range w.targets() {
			sessions[e.Session] = true
		}
		if len(sessions) != 1 || len(w.targets()) != 5 {
			t.Errorf("%d requests in sessions %v", len(w.targets()), sessions)
		}
		w.inTime()
	})
}

func TestPagesGoBeforeData(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		w := newWorld(t, mock.Config{}, func(c *Config) { c.Rules.Static = StaticSession })
		id := w.session()
		var all sync.WaitGroup
		for _, path := range []string{"/anything/first.js", "/anything/second.js", "/anything/third.js", "/anything/data", "/anything/page"} {
			accept := "*/*"
			if strings.HasSuffix(path, "page") {
				accept = "text/html"
			}
			all.Go(func() { w.get(scheme+"://shop.test"+path, headerSession, id, "Accept", accept) })
			synctest.Wait()
		}
		all.Wait()
		var order []string
		for _, e := range w.targets() {
			order = append(order, e.Target[strings.LastIndexByte(e.Target, '/')+1:])
		}
		// The second had its slot before the page came.
		if got, want := strings.Join(order, " "), "first.js second.js page data third.js"; got != want {
			t.Errorf("sent: %s, want %s", got, want)
		}
		w.inTime()
	})
}

func TestStaticGoesWithoutASession(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		w := newWorld(t, mock.Config{}, func(c *Config) {
			c.Job.Session = paced.Ref{Kind: paced.RefName, Value: "shop"}
		})
		start := time.Now()
		w.get(scheme+"://shop.test/get", "Accept", "text/html")
		for range 20 {
			w.get(scheme+"://shop.test/image/png", "Accept", "image/png")
		}
		if took := time.Since(start); took >= delay {
			t.Errorf("a page and its images took %v", took)
		}
		inSessions := 0
		for _, e := range w.targets() {
			if e.Session != "" {
				inSessions++
			}
		}
		if inSessions != 1 || len(w.targets()) != 21 {
			t.Errorf("%d of %d requests in a session", inSessions, len(w.targets()))
		}
		if stats := w.relay.Stats(); stats.Requests["page"] != 1 || stats.Requests["static"] != 20 || len(stats.Sessions) != 1 || stats.Sessions[0].Session != "@shop" {
			t.Errorf("stats: %+v", stats)
		}
	})
}

func TestWhoLeavesGivesItsPlaceBack(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		w := newWorld(t, mock.Config{}, nil)
		id := w.session()
		w.get(scheme+"://shop.test/get", headerSession, id)
		ctx, leave := context.WithCancel(t.Context())
		for range 3 {
			go func() {
				r, _ := http.NewRequestWithContext(ctx, "POST", scheme+"://shop.test/post", strings.NewReader("body"))
				r.Header.Set(headerSession, id)
				if _, err := w.client.Do(r); !errors.Is(err, context.Canceled) {
					t.Errorf("who left got %v", err)
				}
			}()
		}
		synctest.Wait()
		leave()
		synctest.Wait()
		start := time.Now()
		w.get(scheme+"://shop.test/get", headerSession, id)
		if took := time.Since(start); took > delay+time.Second {
			t.Errorf("the next request waited %v", took)
		}
		if n := len(w.targets()); n != 2 {
			t.Errorf("%d requests were sent, want 2", n)
		}
		w.inTime()
	})
}

func TestDeadSessionOfANameIsReplaced(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		w := newWorld(t, mock.Config{}, nil)
		w.get(scheme+"://shop.test/get", headerSession, "@shop")
		id, _, _ := w.ledger.Lookup("shop")
		if err := w.wire.DeleteSession(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		time.Sleep(delay) // a name gets one session a delay
		r, err := w.do(w.client, "POST", scheme+"://shop.test/post", "the body", headerSession, "@shop", "Content-Type", "text/plain")
		if err != nil || r.StatusCode != 200 || !strings.Contains(r.text, "the body") {
			t.Errorf("%+v, %v", r, err)
		}
		w.inTime()
	})
}

func TestDeadSessionFails(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		w := newWorld(t, mock.Config{}, nil)
		r := w.get(scheme+"://shop.test/get", headerSession, "4711")
		if r.StatusCode != 400 || r.Header.Get(headerError) != "bad_session_id" || !strings.Contains(r.Header.Get("Proxy-Status"), "bad_session_id") {
			t.Errorf("%d %v", r.StatusCode, r.Header)
		}
	})
}

func TestBadSessionIsNotSent(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		w := newWorld(t, mock.Config{}, nil)
		r := w.get(scheme+"://shop.test/get", headerSession, "a b")
		if r.StatusCode != 400 || r.Header.Get("Proxy-Status") == "" {
			t.Errorf("header: %d %v", r.StatusCode, r.Header)
		}
		c := w.newClient("a b")
		defer c.CloseIdleConnections()
		if r, err := w.do(c, "GET", scheme+"://shop.test/get", ""); err != nil || r.StatusCode != 400 {
			t.Errorf("user: %v, %v", r, err)
		}
		if n := len(w.mock.Journal()); n != 0 {
			t.Errorf("%d requests were sent", n)
		}
	})
}

func TestSessionByUserName(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		w := newWorld(t, mock.Config{}, nil)
		id := w.session()
		for _, user := range []string{"shop", "id." + id, "none"} {
			c := w.newClient(user)
			defer c.CloseIdleConnections()
			if r, err := w.do(c, "GET", scheme+"://shop.test/get", ""); err != nil || r.StatusCode != 200 {
				t.Errorf("%s: %v, %v", user, r, err)
			}
		}
		shop, _, _ := w.ledger.Lookup("shop")
		for i, want := range []string{shop, id, ""} {
			if got := w.targets()[i].Session; got != want {
				t.Errorf("request %d in session %q, want %q", i, got, want)
			}
		}
	})
}

func TestSessionsMadeByRequestsAreKnown(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		w := newWorld(t, mock.Config{}, nil)
		w.get(scheme+"://shop.test/get", headerSession, "create")
		w.get(scheme+"://shop.test/get", headerSession, "@shop")
		if made := w.relay.Created(); len(made) != 1 || made[0] != w.targets()[0].Session {
			t.Errorf("made %v, sent in %q", made, w.targets()[0].Session)
		}
	})
}

func TestServiceHeadersAreHidden(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		for _, expose := range []bool{false, true} {
			w := newWorld(t, mock.Config{}, func(c *Config) { c.Expose = expose })
			r := w.get(scheme + "://shop.test/response-headers?X-Own=1&Content-Type=text%2Fx")
			if shown := r.Header.Get("X-Crawlera-Slave") != ""; shown != expose {
				t.Errorf("expose %t: %v", expose, r.Header)
			}
			if r.Header.Get("X-Own") != "1" || r.Header.Get("Content-Type") != "text/x" {
				t.Errorf("the target's own headers: %v", r.Header)
			}
		}
	})
}

func TestEveryRefusalReachesTheClient(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		for service, header := range map[string]string{mock.ServiceSPM: headerError, mock.ServiceZyteAPI: headerZyteError} {
			w := newWorld(t, mock.Config{Service: service}, nil)
			for _, name := range mock.FaultNames() {
				fault := mock.Fault{Name: name, Count: 1, On: "target"}
				if broken := []string{"reset", "stall", "truncate", "slow", "garbage"}; slices.Contains(broken, name) || w.mock.Arm(fault) != nil {
					continue // broken networks have a test of their own
				}
				r := w.get(scheme + "://shop.test/get")
				if r.StatusCode < 400 || r.StatusCode == 407 || r.Header.Get(header) != name ||
					!strings.Contains(r.Header.Get("Proxy-Status"), `details="`+name+`"`) || !strings.Contains(r.text, name) {
					t.Errorf("%s: %d %v %q", name, r.StatusCode, r.Header, r.text)
				}
			}
			if n := len(w.targets()); n < 10 {
				t.Errorf("%s: %d refusals were tried", service, n)
			}
		}
	})
}

func TestBrokenExchangesReachTheClient(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		w := newWorld(t, mock.Config{}, func(c *Config) { c.Job.Timeout = time.Minute })
		for name, status := range map[string]int{"reset": 502, "garbage": 502, "stall": 504} {
			if err := w.mock.Arm(mock.Fault{Name: name, Count: 1, On: "target"}); err != nil {
				t.Fatal(err)
			}
			r := w.get(scheme + "://shop.test/get")
			if r.StatusCode != status || !strings.HasPrefix(r.Header.Get("Proxy-Status"), "smp; error=") {
				t.Errorf("%s: %d %v", name, r.StatusCode, r.Header)
			}
		}
		if err := w.mock.Arm(mock.Fault{Name: "truncate", Count: 1}); err != nil {
			t.Fatal(err)
		}
		r, err := w.do(w.client, "GET", scheme+"://shop.test/bytes/1000", "")
		if !errors.Is(err, io.ErrUnexpectedEOF) || len(r.text) != 500 {
			t.Errorf("a truncated body: %v, %+v", err, r)
		}
	})
}

func TestExchangesAreTold(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		w := newWorld(t, mock.Config{}, func(c *Config) { c.Hash = true })
		body := w.get(scheme+"://me:secret@shop.test/bytes/5000", headerSession, "@shop").text
		w.get(scheme+"://localhost/", "Accept", "text/html")
		synctest.Wait()
		told := w.told()
		if len(told) != 2 {
			t.Fatalf("%d exchanges", len(told))
		}
		x := told[0]
		if x.Kind != Data || x.Status != 200 || x.Bytes != 5000 || x.SHA256 != fmt.Sprintf("%x", sha256.Sum256([]byte(body))) ||
			x.Result.Attempts != 1 || x.Result.IP == "" || x.Err != nil || x.Header.Get("X-Crawlera-Slave") == "" ||
			x.Session.String() != "@shop" || x.URL.String() != scheme+"://shop.test/bytes/5000" {
			t.Errorf("%+v", x)
		}
		if x = told[1]; x.Kind != Page || x.Status != 403 || x.Err == nil || x.Result != nil {
			t.Errorf("%+v", x)
		}
	})
}

// Who has read enough is no failure of the exchange's.
func TestWhoLeavesInTheMiddleOfAnAnswer(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		w := newWorld(t, mock.Config{}, nil)
		ctx, leave := context.WithCancel(t.Context())
		r, _ := http.NewRequestWithContext(ctx, "GET", scheme+"://shop.test/drip?numbytes=10&duration=20", nil)
		resp, err := w.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		leave()
		_ = resp.Body.Close()
		synctest.Wait()
		if told := w.told(); len(told) != 1 || !told[0].Left || told[0].Err != nil || told[0].Status != 200 {
			t.Errorf("%+v", told[0])
		}
		if stats := w.relay.Stats(); len(stats.Failures) > 0 {
			t.Errorf("failures: %v", stats.Failures)
		}
	})
}

func TestWrongKey(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		w := newWorld(t, mock.Config{Key: "another"}, nil)
		r := w.get(scheme + "://shop.test/get")
		if r.StatusCode != 502 || r.Header.Get(headerError) != "bad_proxy_auth" || r.Header.Get("Proxy-Authenticate") != "" {
			t.Errorf("%d %v", r.StatusCode, r.Header)
		}
	})
}

func TestNoPatience(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		w := newWorld(t, mock.Config{}, func(c *Config) { c.Job.MaxWait = 5 * time.Second })
		id := w.session()
		w.get(scheme+"://shop.test/get", headerSession, id)
		r := w.get(scheme+"://shop.test/get", headerSession, id)
		if r.StatusCode != 503 || r.Header.Get("Retry-After") != "12" || !strings.Contains(r.Header.Get("Proxy-Status"), "max_wait") {
			t.Errorf("%d %v", r.StatusCode, r.Header)
		}
	})
}

func TestTargetsThatAreNotAsked(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		w := newWorld(t, mock.Config{}, nil)
		for host, status := range map[string]int{"localhost:1": 403, "127.0.0.1": 403, "[::1]:9": 403, "x.localhost": 403, "update.googleapis.com": 204} {
			if r := w.get(scheme + "://" + host + "/"); r.StatusCode != status {
				t.Errorf("%s: %d, want %d", host, r.StatusCode, status)
			}
		}
		r := w.get(scheme+"://shop.test/ws", "Connection", "Upgrade", "Upgrade", "websocket")
		if r.StatusCode != 501 {
			t.Errorf("Upgrade: %d", r.StatusCode)
		}
		if r := w.get(scheme+"://shop.test/get", "Connection", "Upgrade", "Upgrade", "h2c"); r.StatusCode != 200 {
			t.Errorf("an offer of HTTP/2: %d", r.StatusCode)
		}
		if n := len(w.targets()); n != 1 {
			t.Errorf("%d requests were sent", n)
		}
	})
}

func TestUploads(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		w := newWorld(t, mock.Config{}, nil)
		for _, size := range []int{1, smallBody, smallBody + 1, 3 << 20} {
			r, err := w.do(w.client, "POST", scheme+"://shop.test/anything", strings.Repeat("x", size), "Content-Type", "text/plain")
			if err != nil || r.StatusCode != 200 || strings.Count(r.text, "x") < size {
				t.Errorf("%d bytes: %v, %d came back", size, err, len(r.text))
			}
		}
	})
}

func TestShutdown(t *testing.T) {
	inBubble(t, func(t *testing.T, scheme string) {
		w := newWorld(t, mock.Config{}, nil)
		id := w.session()
		var statuses [2]string
		var all sync.WaitGroup
		for i, path := range []string{"/delay/5", "/get"} {
			all.Go(func() {
				r, err := w.do(w.client, "GET", scheme+"://shop.test"+path, "", headerSession, id)
				if statuses[i] = fmt.Sprint(err); err == nil {
					statuses[i] = r.Status
				}
			})
			synctest.Wait()
		}
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := w.relay.Shutdown(ctx); err != nil {
			t.Errorf("shutting down: %v", err)
		}
		all.Wait()
		if statuses[0] != "200 OK" || statuses[1] != "503 Service Unavailable" {
			t.Errorf("the request under way: %s; the one that waited for its slot: %s", statuses[0], statuses[1])
		}
		if took := time.Since(start); took > 6*time.Second {
			t.Errorf("shutting down took %v", took)
		}
	})
}
