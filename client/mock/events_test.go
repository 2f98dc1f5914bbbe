package mock

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// listen opens the stream of events and returns its lines that are no blanks.
func (w *world) listen(ctx context.Context) (lines <-chan string, status int) {
	w.t.Helper()
	transport := &http.Transport{DialContext: w.dial}
	resp, err := transport.RoundTrip(w.request("GET", "http://127.0.0.1:8011/_mock/events", nil).WithContext(ctx))
	if err != nil {
		w.t.Fatal(err)
	}
	all := make(chan string, 1000)
	go func() {
		defer close(all)
		defer resp.Body.Close()
		for s := bufio.NewScanner(resp.Body); s.Scan(); {
			if s.Text() != "" {
				all <- s.Text()
			}
		}
	}()
	return all, resp.StatusCode
}

func drain(lines <-chan string) string {
	synctest.Wait()
	var got []string
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				return strings.Join(append(got, "(end)"), " ")
			}
			got = append(got, line)
		default:
			return strings.Join(got, " ")
		}
	}
}

func TestEventsTellChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Origin: hello})
		lines, _ := w.listen(t.Context())
		if got := drain(lines); got != "event: change data: 0" {
			t.Fatalf("at the start: %q", got)
		}
		for name, change := range map[string]func(){
			"a request":   func() { w.get("http://example.com/") },
			"a session":   func() { w.newSession() },
			"a fault":     func() { _ = w.mock.Arm(Fault{Name: "banned", On: onConnect}) },
			"the clock":   func() { w.mock.Advance(time.Second) },
			"the control": func() { w.api("POST", "/_mock/reset", "") },
		} {
			time.Sleep(eventPause)
			change()
			if got := drain(lines); !strings.HasPrefix(got, "event: change data: ") {
				t.Errorf("after %s: %q", name, got)
			}
			time.Sleep(eventPause)
			drain(lines)
		}
	})
}

// However much happens, an event comes five times a second at most, and when
// nothing does only the heartbeat.
func TestEventsAreFew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Origin: hello})
		lines, _ := w.listen(t.Context())
		drain(lines)
		for range 50 {
			w.get("http://example.com/")
			time.Sleep(eventPause / 50)
		}
		if n := strings.Count(drain(lines), "change"); n > 2 {
			t.Errorf("%d events within a pause", n)
		}
		time.Sleep(eventPause)
		drain(lines)
		time.Sleep(10 * eventHeartbeat)
		if got := drain(lines); strings.Contains(got, "change") || strings.Count(got, ":") != 9 {
			t.Errorf("while nothing happens: %q", got)
		}
	})
}

func TestEventsTellOfHeldRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Origin: hello})
		id := w.newSession()
		w.get("http://example.com/1", inSession(id))
		go w.get("http://example.com/2", inSession(id))
		synctest.Wait()
		waiting := w.mock.State().Waiting
		if len(waiting) != 1 || waiting[0].Target != "http://example.com/2" || waiting[0].Slot.Sub(waiting[0].Time) != 12*time.Second {
			t.Errorf("%+v", waiting)
		}
		time.Sleep(12 * time.Second)
		synctest.Wait()
		if waiting := w.mock.State().Waiting; len(waiting) != 0 {
			t.Errorf("%+v", waiting)
		}
	})
}

func TestEventsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inBubble(t, Config{Origin: hello})
		ctx, leave := context.WithCancel(t.Context())
		lines, _ := w.listen(ctx)
		drain(lines)
		leave()
		if got := drain(lines); got != "(end)" {
			t.Errorf("%q", got)
		}
		time.Sleep(eventPause)
		synctest.Wait()
		if n := len(w.mock.watchers.all); n != 0 {
			t.Errorf("%d watchers are left of a client that is gone", n)
		}
		lines, _ = w.listen(t.Context())
		drain(lines)
		if err := w.mock.Close(); err != nil {
			t.Error(err)
		}
		if got := drain(lines); got != "(end)" {
			t.Errorf("the mock ended, and its events: %q", got)
		}
	})
}

// Another site's page may not even hear that something happens.
func TestEventsAreForOurPage(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{})
	got := w.raw("GET /_mock/events HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://example.com\r\nConnection: close\r\n\r\n")
	if !strings.HasPrefix(got, "HTTP/1.1 403 ") {
		t.Errorf("%q", got)
	}
}
