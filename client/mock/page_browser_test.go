//go:build browser

package mock

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// The page in a real headless Chromium, which has to be on PATH:
//
//	go test -tags browser -run Browser ./client/mock/
//
// SCREENSHOTS=DIR keeps a picture of each page there.
func TestBrowser(t *testing.T) {
	browser := startChromium(t)
	for name, test := range map[string]func(*testing.T, *chromium){
		"empty":      showsWhatToDo,
		"violations": showsViolations,
		"legend":     explainsItsMarks,
		"detail":     showsOneRequest,
		"tunnels":    foldsTunnels,
		"filter":     filters,
		"steer":      steers,
		"live":       isLive,
		"hidden":     costsNothingWhenHidden,
		"lost":       tellsALostMock,
		"ranges":     followsTheData,
		"escapes":    escapes,
		"many":       showsManySessions,
		"zyte":       showsZyteSessions,
		"phone":      fitsAPhone,
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); test(t, browser) })
	}
}

type object = map[string]any

func page(w *world) string { return w.mock.URL() + "/_mock/" }

// both opens the page in light and in dark.
func both(t *testing.T, browser *chromium, name, url string, look func(p *tab)) {
	t.Helper()
	for _, s := range []struct {
		name   string
		screen screen
	}{
		{"light", desktop},
		{"dark", screen{width: desktop.width, height: desktop.height, dark: true}},
		{"phone-light", screen{width: 390, height: 844, phone: true}},
		{"phone-dark", screen{width: 390, height: 844, phone: true, dark: true}},
	} {
		p := browser.open(t, url, s.screen)
		look(p)
		p.picture(name + "-" + s.name)
	}
}

func showsWhatToDo(t *testing.T, browser *chromium) {
	w := onLoopback(t, Config{TimeScale: 60})
	both(t, browser, "empty", page(w), func(p *tab) {
		p.shows("#light", "live")
		p.shows("#empty", "Nothing has come yet", "smp fetch --session @shop", `curl -x "$SMP_ENDPOINT"`, "export SMP_ENDPOINT="+w.mock.URL(), "SMP_DELAY=0.2s", "SMP_TIME_SCALE=60")
		p.shows("#verdict", "No request in a session yet")
		p.wait(`byID("requests").hidden && byID("timeline-section").hidden`)
	})
	p := browser.open(t, page(w), desktop)
	p.shows("#empty", "Nothing has come yet")
	w.get("http://shop.example/first", "X-Crawlera-Session: create")
	p.shows("#requests", "http://shop.example/first")
	p.wait(`byID("empty").hidden`)
}

// hasty is a mock whose client kept no delay.
func hasty(t *testing.T) (w *world, sessions []string) {
	w = onLoopback(t, Config{TimeScale: 100, IPs: 3, Delay: 10 * time.Second, SessionTTL: -1})
	client := w.client("test")
	send := func(target, session string) reply {
		return readReply(client.Do(w.request("GET", target, nil, "X-Crawlera-Session: "+session, "Cookie: basket=s3cret", "X-Asked: by a test")))
	}
	for range 2 {
		sessions = append(sessions, send("https://shop.example/get", "create").Header.Get("X-Crawlera-Session"))
	}
	for i := range 4 {
		for _, session := range sessions {
			send(fmt.Sprintf("https://shop.example/anything/%d", i), session)
		}
	}
	w.get("http://shop.example/status/404")
	w.get("http://shop.example/get", inSession("999"))
	return w, sessions
}

func showsViolations(t *testing.T, browser *chromium) {
	w, sessions := hasty(t)
	v := w.mock.Verdict()
	if len(v.Violations) == 0 {
		t.Fatal("a client without delays broke none")
	}
	both(t, browser, "violations", page(w), func(p *tab) {
		p.shows("#verdict", fmt.Sprintf("%d violations in %d requests", len(v.Violations), v.Requests), "The worst came")
		p.click("#windows button", "all") // on a busy machine the run takes longer than the window
		p.wait(`document.querySelectorAll("#timeline .request.violation").length === ` + fmt.Sprint(len(v.Violations)))
		p.wait(`document.querySelector("svg .bad-row") !== null`)
		p.shows("#sessions", sessions...)
		p.shows("#requests", "https://shop.example/anything/3", "400 bad_session_id")
		p.click("#kinds button", "early")
		p.wait(`document.querySelectorAll("#requests tbody tr").length === ` + fmt.Sprint(len(v.Violations)+len(v.Unknowable)))
		p.click("#kinds button", "all")
	})
}

// Every mark that the timeline can have is in the legend.
func explainsItsMarks(t *testing.T, browser *chromium) {
	url := busy().serve(t)
	both(t, browser, "busy", url, func(p *tab) { p.wait(`document.querySelector("#timeline svg .violation") !== null`) })
	p := browser.open(t, url, desktop)
	p.wait(`document.querySelector("#timeline svg .violation") !== null`)
	missing := p.eval(`(() => {
		const classes = box => new Set([...box.querySelectorAll("svg *")].map(e => e.getAttribute("class") || "").filter(c => c && !/^(row|request|ip|track|tick|frame|now-label)\b/.test(c)));
		const known = classes(byID("legend"));
		return [...classes(byID("timeline"))].filter(c => !known.has(c)).join(" ");
	})()`)
	if missing != "" {
		t.Errorf("the legend does not explain %v", missing)
	}
	for _, mark := range []string{"slot", "start", "held", "came", "violation", "unknowable", "error", "free", "next", "now", "delay", "raised", "waiting", "bad-row"} {
		p.wait(fmt.Sprintf(`document.querySelector("#timeline svg .%s") && document.querySelector("#legend svg .%s")`, mark, mark))
	}
	p.shows("#legend", "next slot of the IP")
}

func showsOneRequest(t *testing.T, browser *chromium) {
	w, sessions := hasty(t)
	early := w.mock.Verdict().Violations[0]
	both(t, browser, "detail", page(w), func(p *tab) {
		p.click("#kinds button", "early")
		p.click("#requests tr[data-key='"+fmt.Sprint(early.Request)+"'] button", "")
		p.shows("#detail", fmt.Sprintf("Request #%d", early.Request), "GET "+early.Target, "violation",
			"too early, and its sender could know", "Before it on this IP: #", early.Session, early.IP, early.Conn,
			"X-Asked: by a test", "basket=left out", "X-Crawlera-Slave: "+early.IP, "X-Crawlera-Session: "+early.Session, "Tunnel: CONNECT shop.example:443")
	})
	p := browser.open(t, page(w), desktop)
	p.click("#requests button", "https://shop.example/anything/3")
	p.shows("#detail h2", "Request #")
	number := p.eval(`view.detail`)
	p.press("ArrowDown")
	p.wait(fmt.Sprintf(`view.detail < %v`, number))
	p.click("#detail button", "Newer")
	p.wait(fmt.Sprintf(`view.detail === %v`, number))
	p.click("#detail summary", "Tunnel")
	p.shows("#detail", "Proxy-Authorization: Basic left out")
	p.click("#detail .moments button", sessions[1])
	p.wait(fmt.Sprintf(`view.filter === %q`, sessions[1]))
	p.press("Escape")
	p.wait(`byID("detail").hidden`)
	p.click("#timeline path.violation", "")
	p.shows("#detail", "and its sender could know")
	if strings.Contains(fmt.Sprint(p.eval(`document.documentElement.outerHTML`)), "s3cret") {
		t.Error("the page shows a cookie")
	}
}

func foldsTunnels(t *testing.T, browser *chromium) {
	w := onLoopback(t, Config{})
	w.get("https://shop.example/one")
	c := w.connect("alone.example:443")
	p := browser.open(t, page(w), desktop)
	p.shows("#requests", "https://shop.example/one", "CONNECT alone.example:443", "1 CONNECT folded in")
	p.wait(`![...document.querySelectorAll("#requests tr")].some(tr => tr.innerText.includes("CONNECT shop.example"))`)
	_ = c.Close()
}

func filters(t *testing.T, browser *chromium) {
	p := browser.open(t, busy().serve(t), desktop)
	p.shows("#requests", "http://shop")
	p.click("#timeline .ip", "198.18.0.13")
	p.wait(`byID("filter").value === "198.18.0.13"`)
	p.wait(`[...document.querySelectorAll("#requests tbody .ip")].every(td => td.textContent === "198.18.0.13")`)
	p.picture("filtered")
	p.click("#timeline .row.chosen .ip", "")
	p.wait(`byID("filter").value === ""`)
	p.press("/")
	p.do("Input.insertText", object{"text": "banned"})
	p.wait(`[...document.querySelectorAll("#requests tbody .answer")].every(td => td.textContent === "503 banned")`)
	p.enter("#filter", "there is no such thing")
	p.shows("#requests tbody", "none")
}

func steers(t *testing.T, browser *chromium) {
	w := onLoopback(t, Config{Faults: []Fault{{Name: "slow", Rate: 0.001}}})
	id := w.newSession()
	p := browser.open(t, page(w), desktop)
	p.shows("#armed", "slow · 0.1 %")
	p.eval(`document.querySelector("#faults select[name=name]").value = "banned"`)
	p.enter("#faults input[name=count]", "2")
	p.enter("#faults input[name=rate]", "100")
	p.click("#faults button", "Arm")
	p.shows("#armed", "banned · 2 times")
	p.shows("#steered", "banned is armed")
	if got := w.get("http://shop.example/", inSession(id)); got.code() != "banned" {
		t.Errorf("an armed fault did not strike: %v", got.Response)
	}
	p.shows("#armed", "banned · 1 of 2 left")
	p.shows("#sessions", "banned")
	p.picture("steered")
	p.click("#faults button", "Disarm all")
	p.wait(`byID("armed").childElementCount === 0`)
	if n := len(w.mock.faults.list()); n != 0 {
		t.Errorf("%d faults are left", n)
	}

	before := w.mock.clock.now()
	p.click("#jumps button", "+ 1 min")
	p.shows("#steered", "The clock was advanced by 1 min")
	p.enter("#clock input", "31m")
	p.click("#clock button", "Advance")
	p.shows("#steered", "advanced by 31m")
	if by := w.mock.clock.now().Sub(before); by < 32*time.Minute {
		t.Errorf("the clock went on by %v", by)
	}
	p.shows("#sessions tbody", "none")
	p.eval(`byID("clock").elements.by.value = "yesterday"`)
	p.do("Log.disable", nil) // the browser notes the 400
	p.click("#clock button", "Advance")
	p.shows("#steered", `want {"advance":"31m"}`)

	w.get("http://shop.example/last")
	p.shows("#requests", "http://shop.example/last")
	p.click("#reset", "Reset")
	p.shows("#reset", "Really")
	p.click("#reset", "Really")
	p.shows("#empty", "Nothing has come yet")
	p.shows("#armed", "slow")
	if n := len(w.mock.Journal()); n != 0 {
		t.Errorf("%d requests are remembered", n)
	}
}

// The page is told of what happens, and asks for nothing while nothing does.
func isLive(t *testing.T, browser *chromium) {
	w := onLoopback(t, Config{})
	id := w.newSession()
	p := browser.open(t, page(w), desktop)
	p.shows("#light", "live")
	w.get("http://shop.example/1", inSession(id))
	p.shows("#requests", "http://shop.example/1")
	ctx, leave := context.WithCancel(t.Context())
	var held sync.WaitGroup
	held.Go(func() { w.do(ctx, w.request("GET", "http://shop.example/2", nil, inSession(id))) })
	p.shows("#requests tr.held", "http://shop.example/2", "held")
	p.wait(`document.querySelector("#timeline .came") || document.querySelector("#timeline path.violation")`)
	p.click("#requests tr.held button", "http://shop.example/2")
	p.shows("#detail", "The heads are here when it has been answered")
	p.press("Escape")
	leave()
	held.Wait()
	p.shows("#requests", "499")

	asked := any(nil)
	for range 5 { // what happened before may still be asked for
		p.eval(`performance.clearResourceTimings(), new Promise(done => setTimeout(done, 2500))`)
		if asked = p.eval(`performance.getEntriesByType("resource").length`); asked == 0.0 {
			break
		}
	}
	if asked != 0.0 {
		t.Errorf("while nothing happened the page asked %v times", asked)
	}

	p.click("#pause", "Pause")
	p.shows("#light", "paused")
	w.get("http://shop.example/3", inSession(w.newSession()))
	p.wait(`![...data.requests].some(r => r.target.endsWith("/3"))`)
	p.click("#pause", "Resume")
	p.shows("#requests", "http://shop.example/3")
}

func costsNothingWhenHidden(t *testing.T, browser *chromium) {
	w := onLoopback(t, Config{})
	p := browser.open(t, page(w), desktop)
	p.shows("#light", "live")
	p.eval(`Object.defineProperty(document, "hidden", { configurable: true, get: () => true }), document.dispatchEvent(new Event("visibilitychange"))`)
	change, leave := w.mock.watchers.join()
	defer leave()
	for watching := 2; watching > 1; {
		w.mock.watchers.changed() // lets a stream notice that its client is gone
		<-change
		w.mock.watchers.mu.Lock()
		watching = len(w.mock.watchers.all)
		w.mock.watchers.mu.Unlock()
	}
	w.get("http://shop.example/unseen")
	p.wait(`events === null && data.requests.length === 0`)
	p.eval(`delete document.hidden, document.dispatchEvent(new Event("visibilitychange"))`)
	p.shows("#requests", "http://shop.example/unseen")
}

func tellsALostMock(t *testing.T, browser *chromium) {
	w := onLoopback(t, Config{})
	p := browser.open(t, page(w), desktop)
	p.shows("#light", "live")
	p.lost = true
	if err := w.mock.Close(); err != nil {
		t.Fatal(err)
	}
	p.shows("#light", "no answer")
	p.shows("#verdict", "The mock does not answer", "It may have ended")
	clock := p.eval(`byID("facts").innerText`)
	p.eval(`new Promise(done => setTimeout(done, 1200))`)
	p.shows("#verdict", "The mock does not answer")
	if now := p.eval(`byID("facts").innerText`); now != clock {
		t.Errorf("the clock of a mock that is gone went on: %v, then %v", clock, now)
	}
	p.picture("lost")
}

// However fast the clock runs and however long ago it was, the last that
// happened is in sight.
func followsTheData(t *testing.T, browser *chromium) {
	w := onLoopback(t, Config{TimeScale: 100})
	id := w.newSession()
	for i := range 3 {
		w.get(fmt.Sprintf("http://shop.example/%d", i), inSession(id))
	}
	w.mock.Advance(10 * time.Hour)
	w.lastEntry()
	p := browser.open(t, page(w), desktop)
	for _, span := range []string{"5", "20", "60", "all", "auto"} {
		p.click(fmt.Sprintf("#windows button[data-value='%s']", span), "")
		p.wait(fmt.Sprintf(`view.span === %q && drawn.rows.flatMap(row => row.requests).length >= %d`, span, map[bool]int{true: 3, false: 1}[span == "all"]))
		p.shows("#shown", "quiet since", "for 10 h")
	}
}

// What clients and targets put into ids, URLs and codes stays text.
func escapes(t *testing.T, browser *chromium) {
	hostile := `</script><img src=x onerror="document.title='owned'">`
	m := busy()
	for _, entry := range m.journal {
		e := entry.(object)
		for _, field := range []string{"target", "method", "error", "reason", "conn", "fault"} {
			e[field] = hostile
		}
		e["request_headers"] = object{hostile: []string{hostile}}
		if e["ip"] == "198.18.0.13" {
			e["ip"], e["session"] = hostile, hostile
		}
	}
	p := browser.open(t, m.serve(t), desktop)
	p.shows("#requests", hostile)
	p.click("#kinds button", "early")
	p.click("#requests tr.violation button", "")
	p.shows("#detail .heads", hostile)
	if n := p.eval(`document.querySelectorAll("img").length`); n != 0.0 || p.eval(`document.title`) != "smp mock" {
		t.Error("markup from the server became part of the page")
	}
}

func showsManySessions(t *testing.T, browser *chromium) {
	m := crowd(500)
	for _, s := range []screen{desktop, {width: 1360, height: 1000, dark: true}, {width: 390, height: 844, phone: true}} {
		p := browser.open(t, m.serve(t), s)
		p.shows("#facts", "500 of 5,000")
		p.shows("#sessions h2", "200 of 500, filter for others")
		p.shows("#more-rows", map[bool]string{true: "Show 488 more IPs", false: "Show 460 more IPs"}[s.phone])
		name := map[bool]string{true: "phone", false: map[bool]string{true: "dark", false: "light"}[s.dark]}[s.phone]
		p.picture("many-" + name)
		if s != desktop {
			continue
		}
		p.enter("#filter", "198.18.0.207")
		p.wait(`document.querySelectorAll("#sessions tbody tr").length === 1`)
		p.enter("#filter", " ")
		p.click("#more-rows", "")
		p.wait(`document.querySelectorAll("#timeline .row").length === 500`)
		p.picture("many-all")
		took := p.eval(`(() => { const start = performance.now(); draw(); return performance.now() - start; })()`).(float64)
		t.Logf("all of 500 IPs are drawn in %.0f ms", took)
	}
}

func showsZyteSessions(t *testing.T, browser *chromium) {
	w := onLoopback(t, Config{Service: ServiceZyteAPI, TimeScale: 60})
	const id = "3f0f2c5e-4a4b-4c47-9d6c-0f4d9c3a1b2e"
	p := browser.open(t, page(w), desktop)
	p.shows("#empty", "Zyte-Session-ID: ")
	p.shows("#verdict", "No request yet")
	w.get("https://shop.example/1", "Zyte-Session-ID: "+id)
	p.shows("#verdict", "No request in an ended session")
	w.mock.Advance(3 * time.Minute)
	w.get("https://shop.example/2", "Zyte-Session-ID: "+id)
	p.shows("#verdict", "1 request in ended sessions")
	p.click("#kinds button", "ended session 1")
	p.click("#requests tr.dead button", "https://shop.example/2")
	p.shows("#detail", "It named a session that had ended", "/problem/session-expired", "Zyte-Session-Id: "+id)
	p.eval(`document.querySelector("#faults select[name=name]").value = "/download/temporary-error"`)
	p.wait(`byID("faults").elements.name.value === "/download/temporary-error" && ![...byID("faults").elements.name.options].some(o => o.value === "banned")`)
	p.picture("zyte")
}

func fitsAPhone(t *testing.T, browser *chromium) {
	for _, m := range []told{busy(), crowd(500)} {
		p := browser.open(t, m.serve(t), screen{width: 390, height: 844, phone: true})
		p.shows("#requests .url", "/item/")
		wide := p.eval(`[...document.querySelectorAll("main *")].filter(e => !e.closest("svg") && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 120)).join("\n")`)
		if wide != "" || p.eval(`document.documentElement.scrollWidth`).(float64) > 390 {
			t.Errorf("wider than the phone: %v", wide)
		}
		empty := p.eval(`[...document.querySelectorAll("#requests tbody tr")].filter(tr => !tr.querySelector(".url").innerText.includes("GET http")).length`)
		if empty != 0.0 {
			t.Errorf("%v requests do not show their URLs", empty)
		}
	}
}

// told serves the page over what a mock might say.
type told struct {
	state   any
	journal []any
}

func (m told) serve(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("GET /_mock/{$}", pageHandler(FaultNames()))
	mux.HandleFunc("GET /_mock/state", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(m.state) })
	mux.HandleFunc("GET /_mock/journal", func(w http.ResponseWriter, r *http.Request) {
		for _, entry := range m.journal {
			request := r.URL.Query().Get("request")
			if request == fmt.Sprint(entry.(object)["request"]) || request == "" && r.URL.Query().Get("after") == "0" {
				_ = json.NewEncoder(w).Encode(entry)
			}
		}
	})
	mux.HandleFunc("GET /_mock/events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = fmt.Fprint(w, "event: change\ndata: 1\n\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) { t.Errorf("the page asked for %s", r.URL) })
	server := httptest.NewServer(mux)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return server.URL + "/_mock/"
}
