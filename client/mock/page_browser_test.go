//go:build browser

package mock

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// The page in a real headless Chromium, which has to be on PATH:
//
//	go test -tags browser -run Browser ./client/mock/
//
// SCREENSHOTS=DIR keeps a picture of each page there.

func chromium(t *testing.T, args ...string) []byte {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("this test needs chromium on PATH: ", err)
	}
	args = append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--user-data-dir=" + t.TempDir(),
		"--virtual-time-budget=2500", "--window-size=1360,1150",
	}, args...)
	cmd := exec.CommandContext(t.Context(), path, args...)
	var out, talk bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &talk
	if err := cmd.Run(); err != nil {
		t.Fatalf("chromium: %v\n%s", err, talk.Bytes())
	}
	return out.Bytes()
}

// document is the page at url as it is once its script has run.
func document(t *testing.T, name, url string, args ...string) string {
	t.Helper()
	if dir := os.Getenv("SCREENSHOTS"); dir != "" {
		chromium(t, append(args, "--screenshot="+dir+"/"+name+".png", url)...)
	}
	return string(chromium(t, append(args, "--dump-dom", url)...))
}

func wantIn(t *testing.T, document string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(document, part) {
			t.Errorf("the page does not show %s", part)
		}
	}
}

// told serves the page over what a mock might say.
type told struct {
	state   any
	journal []any
	verdict any
}

func (m told) serve(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("GET /_mock/{$}", pageHandler())
	for path, v := range map[string]any{"state": m.state, "verdict": m.verdict} {
		mux.HandleFunc("GET /_mock/"+path, func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(v) })
	}
	mux.HandleFunc("GET /_mock/journal", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("after") != "0" {
			return
		}
		for _, entry := range m.journal {
			_ = json.NewEncoder(w).Encode(entry)
		}
	})
	mux.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) { t.Errorf("the page asked for %s", r.URL) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL + "/_mock/"
}

type object = map[string]any

// busy is a mock with 24 IPs some minutes after its start, one of which was
// asked too early.
func busy() told {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(s float64) time.Time { return now.Add(time.Duration(s * float64(time.Second))) }
	var ips, sessions []any
	var journal []any
	var early, unknowable []any
	seq := 0
	for i := range 24 {
		ip, session := fmt.Sprintf("198.18.%d.%d", i%3, 10+i), fmt.Sprint(1200000+i*7331)
		delay, next, requests := 12.0, 0.0, 0
		for t := -230 + float64(i%7)*1.7; t < 0; t += 12.0 + float64(i%5)*1.3 {
			seq++
			requests++
			came, entry := t, object{
				"seq": seq, "request": seq, "conn": fmt.Sprintf("127.0.0.1:%d", 40000+i), "kind": "target", "method": "GET",
				"target": fmt.Sprintf("http://shop%d.example/item/%d", i%4, seq), "session": session, "ip": ip, "status": 200,
				"slot": at(t), "started": at(t), "duration_s": 0.2,
			}
			switch {
			case i == 3 && requests%6 == 4:
				came = t - 4.2
				entry["early_s"], entry["held_s"], entry["verdict"] = 4.2, 4.2, "violation"
				delay++
				early = append(early, entry)
			case i == 5 && requests == 2:
				came = t - 7
				entry["early_s"], entry["held_s"], entry["verdict"], entry["reason"] = 7.0, 7.0, "unknowable", "no answer had named the session's IP"
				unknowable = append(unknowable, entry)
			case i%6 == 2 && requests%4 == 0:
				came = t - 3
				entry["held_s"] = 3.0
			case i%8 == 7 && requests%5 == 0:
				entry["status"], entry["error"] = 503, "banned"
			case i == 11:
				delete(entry, "session")
				delete(entry, "slot")
			}
			entry["time"] = at(came)
			journal = append(journal, entry)
			next = t + delay
		}
		ips = append(ips, object{"ip": ip, "delay_s": delay, "next_slot": at(next), "held": i % 2, "requests": requests, "violations": map[bool]int{true: 2}[i == 3]})
		sessions = append(sessions, object{
			"id": session, "ip": ip, "created": at(-400), "last_used": at(next - delay), "expires": at(next + 1788),
			"requests": requests, "banned": i%8 == 7,
		})
	}
	return told{
		state: object{
			"time": now, "time_scale": 1, "delay_s": 12, "plan": "enterprise", "session_limit": 5000, "session_ttl_s": 1800,
			"judged": seq, "violations": len(early), "unknowable": len(unknowable), "held": 12,
			"sessions": sessions, "ips": ips, "faults": []any{object{"name": "banned", "rate": 0.1}},
		},
		journal: journal,
		verdict: object{"requests": seq, "violations": early, "unknowable": unknowable, "delay_s": 12, "time_scale": 1},
	}
}

func TestBrowserShowsViolations(t *testing.T) {
	t.Parallel()
	url := busy().serve(t)
	for name, args := range map[string][]string{"light": nil, "dark": {"--blink-settings=preferredColorScheme=0"}} {
		wantIn(t, document(t, name, url, args...),
			`data-state="live"`, `data-verdict="bad"`, "2 violations in", "the worst 4.2 s early on 198.18.0.13",
			`class="bad-row"`, `class="request violation"`, `class="request unknowable"`, "early by 4.2 s, a violation",
			"no answer had named the session's IP", "24 of 5,000")
	}
}

func TestBrowserShowsNothingYet(t *testing.T) {
	t.Parallel()
	quiet := told{
		state:   object{"time": time.Now(), "time_scale": 100, "delay_s": 12, "plan": "basic", "session_limit": 5000, "judged": 0, "violations": 0, "unknowable": 0, "held": 0, "sessions": []any{}, "ips": []any{}, "faults": []any{}},
		verdict: object{"requests": 0, "violations": []any{}, "unknowable": []any{}},
	}
	wantIn(t, document(t, "quiet", quiet.serve(t)), `data-verdict="good"`, "No request with a session yet", "no request within this window", "×100")
}

// What clients and targets put into ids, URLs and codes stays text.
func TestBrowserEscapes(t *testing.T) {
	t.Parallel()
	hostile := `</script><img src=x onerror="document.title='owned'">`
	m := busy()
	for _, entry := range m.journal {
		e := entry.(object)
		for _, field := range []string{"target", "method", "error", "reason", "conn"} {
			e[field] = hostile
		}
		if e["ip"] == "198.18.0.13" {
			e["ip"], e["session"] = hostile, hostile
		}
	}
	got := document(t, "hostile", m.serve(t))
	if strings.Contains(got, "<img") || strings.Contains(got, "<title>owned") {
		t.Error("markup from the server became part of the page")
	}
	wantIn(t, got, "&lt;img src=x onerror=", `data-verdict="bad"`)
}

func TestBrowserTellsALostMock(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.Handle("GET /_mock/{$}", pageHandler())
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	wantIn(t, document(t, "lost", server.URL+"/_mock/"), `data-state="lost"`, `data-verdict="lost"`, "The mock does not answer")
}

// The page over the mock itself, with a client that keeps no delay.
func TestBrowserReadsTheMock(t *testing.T) {
	t.Parallel()
	server, err := Start(Config{TimeScale: 50, IPs: 3, Faults: []Fault{{Name: "nxdomain", Rate: 0.2}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	endpoint, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	api := *endpoint
	endpoint.User = url.UserPassword("test", "")
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(endpoint)}}
	send := func(method, url, session string) string {
		r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Crawlera-Session", session)
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		_, _ = io.Copy(io.Discard, resp.Body)
		return resp.Header.Get("X-Crawlera-Session")
	}
	first, second := send("GET", "http://example.com/get", "create"), send("GET", "http://example.com/get", "create")
	for range 5 {
		for _, session := range []string{first, second} {
			send("GET", "http://example.com/item", session)
		}
	}
	verdict := server.Verdict()
	if len(verdict.Violations) == 0 {
		t.Fatal("a client without delays broke none")
	}
	got := document(t, "real", api.String()+"/_mock/")
	wantIn(t, got, `data-state="live"`, `data-verdict="bad"`, fmt.Sprintf("%d violations in %d requests", len(verdict.Violations), verdict.Requests),
		first, second, `class="request violation"`, "http://example.com/item", "faults armed")
}
