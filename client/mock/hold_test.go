package mock

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestARequestBeforeItsSlotIsHeld(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"http", "https"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := inBubble(t, Config{Origin: hello})
				id := w.newSession()
				began := time.Now()
				for i := range 3 {
					r := w.get(scheme+"://example.com/", inSession(id))
					if r.err != nil || r.StatusCode != http.StatusOK {
						t.Fatalf("request %d: %v %v", i, r.err, r.Response)
					}
				}
				// The third is a second later: the second one's haste.
				if got := time.Since(began).Round(time.Millisecond); got != 25*time.Second {
					t.Errorf("three requests took %v", got)
				}
				v := w.mock.Verdict()
				if v.Requests != 3 || len(v.Violations) != 2 || v.Violations[0].EarlyS != 12 || v.Violations[0].Session != id {
					t.Errorf("verdict %+v", v)
				}
			})
		})
	}
}

func TestHoldingOneDoesNotHoldOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Origin: hello, Growth: -1})
		busy, free := w.newSession(), w.newSession()
		var held sync.WaitGroup
		began := time.Now()
		for range 20 {
			held.Go(func() { w.get("http://example.com/", inSession(busy)) })
		}
		synctest.Wait()
		if got := w.mock.State(); got.Held != 19 || got.InFlight != 19 {
			t.Errorf("%d held, %d in flight", got.Held, got.InFlight)
		}
		w.get("http://example.com/", inSession(free))
		w.get("http://example.com/")
		if got := time.Since(began); got != 0 {
			t.Errorf("the others took %v", got)
		}
		held.Wait()
		if got := time.Since(began).Round(time.Millisecond); got != 19*12*time.Second {
			t.Errorf("all took %v", got)
		}
	})
}

func TestAScaledMockIsFaster(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Origin: hello, TimeScale: 60, SoftLimit: 6 * time.Second})
		id := w.newSession()
		began := time.Now()
		w.get("http://example.com/", inSession(id))
		r := w.get("http://example.com/", inSession(id))
		if got := time.Since(began).Round(time.Millisecond); got != 200*time.Millisecond {
			t.Errorf("12 s at 60 times the speed took %v", got)
		}
		// 13 s, for the second came early, in real seconds.
		if got := r.Header.Get("X-Crawlera-Next-Request-In"); got != "0.217" {
			t.Errorf("X-Crawlera-Next-Request-In: %q", got)
		}
	})
}

func TestAdvancingTheClockEndsAHold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Origin: hello})
		id := w.newSession()
		w.get("http://example.com/", inSession(id))
		began := time.Now()
		go func() {
			time.Sleep(time.Second)
			w.api("POST", "/_mock/clock", `{"advance":"1m"}`)
		}()
		w.get("http://example.com/", inSession(id))
		if got := time.Since(began); got != time.Second {
			t.Errorf("held for %v", got)
		}
	})
}

func TestAClientThatLeavesIsNotHeld(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "a body", strings.Repeat("a large body ", 20_000)} {
		t.Run(fmt.Sprintf("%d bytes", len(body)), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				w := inBubble(t, Config{Origin: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ })})
				id := w.newSession()
				w.get("http://example.com/", inSession(id))
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				r := w.do(ctx, w.request("POST", "http://example.com/", strings.NewReader(body), inSession(id)))
				if !errors.Is(r.err, context.DeadlineExceeded) {
					t.Fatalf("%v", r.err)
				}
				synctest.Wait()
				if got := w.mock.State(); got.Held != 0 || got.InFlight != 0 {
					t.Errorf("%d still held, %d in flight", got.Held, got.InFlight)
				}
				last := w.mock.journal.after(2)[0]
				if last.Status != statusLeft || last.Error != "client_conn_closed" || asked != 1 {
					t.Errorf("journal %+v; the target was asked %d times", last, asked)
				}
				// Its slot is free again.
				began := time.Now()
				w.get("http://example.com/", inSession(id))
				if got := time.Since(began); got != 11*time.Second {
					t.Errorf("the next one was held for %v", got)
				}
			})
		})
	}
}

func TestAHeldBodyArrivesWhole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Origin: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			n, err := io.Copy(io.Discard, r.Body)
			fmt.Fprintln(w, n, r.ContentLength, err)
		})})
		id := w.newSession()
		w.get("http://example.com/", inSession(id))
		for _, size := range []int{0, 5, spoolMemory, spoolMemory + 1, 1 << 20} {
			body := io.LimitReader(zeros{}, int64(size))
			r := w.do(t.Context(), w.request("POST", "http://example.com/", body, inSession(id)))
			if want := fmt.Sprintln(size, size, nil); r.body != want {
				t.Errorf("%d bytes: the target saw %q, want %q", size, r.body, want)
			}
		}
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestASessionThatEndsWhileRequestsAreHeld(t *testing.T) {
	t.Parallel()
	end := map[string]func(w *world, id string){
		"deleted": func(w *world, id string) { w.api("DELETE", "/sessions/"+id, "") },
		"reset":   func(w *world, _ string) { w.api("POST", "/_mock/reset", "") },
	}
	for name, end := range end {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := inBubble(t, Config{Origin: hello})
				id := w.newSession()
				w.get("http://example.com/", inSession(id))
				go func() {
					time.Sleep(time.Second)
					end(w, id)
				}()
				began := time.Now()
				r := w.get("http://example.com/", inSession(id))
				if took := time.Since(began); name == "reset" && took != time.Second {
					t.Errorf("held for %v by what was reset", took)
				}
				if r.StatusCode != http.StatusBadRequest || r.code() != "bad_session_id" {
					t.Errorf("%v %q", r.Status, r.code())
				}
			})
		})
	}
}

func TestHardLimitAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Origin: hello, HardLimit: 10 * time.Second})
		id := w.newSession()
		w.get("http://example.com/", inSession(id))
		time.Sleep(500 * time.Millisecond)
		r := w.get("http://example.com/", inSession(id))
		if r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") != "11.5" {
			t.Errorf("%v, Retry-After %q", r.Status, r.Header.Get("Retry-After"))
		}
		for _, absent := range []string{"X-Crawlera-Slave", "X-Crawlera-Error"} {
			if r.Header.Get(absent) != "" {
				t.Errorf("%s: %s", absent, r.Header.Get(absent))
			}
		}
		if r.Header.Get("X-Crawlera-Version") == "" || r.Header.Get("X-Crawlera-Session") != id {
			t.Errorf("%v", r.Header)
		}
	})
}

// What never reaches an IP takes no slot there.
func TestRefusedRequestsTakeNoSlot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Origin: hello, IPs: 1})
		id := w.newSession()
		refused := map[string]reply{
			"a wrong key":        readReply(w.client("wrong").Do(w.request("GET", "http://example.com/", nil, inSession(id)))),
			"no session":         w.get("http://example.com/"),
			"an unknown session": w.get("http://example.com/", inSession("1")),
			"a bad header":       w.get("http://example.com/", inSession(id), "X-Crawlera-Profile: fridge"),
			"a region":           w.get("http://example.com/", inSession(id), "X-Crawlera-Region: DE"),
			"a large header":     w.get("http://example.com/", inSession(id), "X-Large: "+strings.Repeat("x", maxHeader)),
		}
		want := map[string]int{"a wrong key": 407, "no session": 200, "an unknown session": 400, "a bad header": 540, "a region": 400, "a large header": 413}
		for name, status := range want {
			if r := refused[name]; r.err != nil || r.StatusCode != status {
				t.Errorf("%s: %v %v", name, r.err, r.Response)
			}
		}
		began := time.Now()
		if r := w.get("http://example.com/", inSession(id)); r.StatusCode != http.StatusOK || time.Since(began) != 0 {
			t.Errorf("%v after %v", r.Status, time.Since(began))
		}
		if v := w.mock.Verdict(); v.Requests != 1 || len(v.Violations) != 0 {
			t.Errorf("%+v", v)
		}
	})
}

func TestSessionsExpireAfterTheirLastRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Origin: hello})
		id := w.newSession()
		time.Sleep(29 * time.Minute)
		if r := w.get("http://example.com/", inSession(id)); r.StatusCode != http.StatusOK {
			t.Fatalf("after 29 minutes: %v", r.Status)
		}
		time.Sleep(29 * time.Minute)
		if got := w.api("GET", "/sessions", "").body; !strings.Contains(got, id) {
			t.Errorf("29 minutes after its request: %s", got)
		}
		time.Sleep(time.Minute)
		if got := w.api("GET", "/sessions", "").body; got != "{}" {
			t.Errorf("30 minutes after its request: %s", got)
		}
		if r := w.get("http://example.com/", inSession(id)); r.code() != "bad_session_id" {
			t.Errorf("%v %q", r.Status, r.code())
		}
	})
}

func TestCloseEndsHeldRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Origin: hello})
		id := w.newSession()
		w.get("http://example.com/", inSession(id))
		var waiting sync.WaitGroup
		for _, target := range []string{"http://example.com/", "https://example.com/"} {
			waiting.Go(func() {
				if r := w.get(target, inSession(id)); r.err == nil && r.StatusCode == http.StatusOK {
					t.Errorf("%s: answered by a closed mock", target)
				}
			})
		}
		idle := w.open()
		defer idle.Close()
		tunnel := w.connect("example.com:443")
		synctest.Wait()
		began := time.Now()
		if err := w.mock.Close(); err != nil {
			t.Error(err)
		}
		waiting.Wait()
		for _, c := range []io.Reader{idle, tunnel} {
			if _, err := c.Read(make([]byte, 1)); err == nil {
				t.Error("a connection outlives the mock")
			}
		}
		if got := time.Since(began); got > lingerFor {
			t.Errorf("took %v", got)
		}
	})
}

func TestErrorsTellOfTheWaitAsWell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Origin: hello, SoftLimit: 10 * time.Second})
		id := w.newSession()
		w.get("http://example.com/", inSession(id))
		w.mock.faults.arm([]Fault{{Name: "econnreset"}})
		r := w.get("http://example.com/", inSession(id))
		if got := r.Header.Get("X-Crawlera-Next-Request-In"); r.code() != "econnreset" || got != "12" {
			t.Errorf("%v, X-Crawlera-Next-Request-In: %q", r.Status, got)
		}
	})
}
