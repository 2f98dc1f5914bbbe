//go:build browser

package mock

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// chromium is a headless Chromium that is driven by the DevTools protocol, over
// pipes: JSON messages, each with a zero byte behind it.
type chromium struct {
	in io.Writer

	mu      sync.Mutex
	next    int
	waiting map[int]chan message
	tabs    map[string]*tab // by session
}

type message struct {
	ID      int             `json:"id,omitempty"`
	Session string          `json:"sessionId,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// startChromium ends with the test.
func startChromium(t *testing.T) *chromium {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("this test needs chromium on PATH: ", err)
	}
	toBrowser, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, fromBrowser, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path,
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--user-data-dir="+t.TempDir(),
		"--remote-debugging-pipe", "about:blank")
	cmd.ExtraFiles = []*os.File{toBrowser, fromBrowser} // descriptors 3 and 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = toBrowser.Close(), fromBrowser.Close()
	c := &chromium{in: in, waiting: make(map[int]chan message), tabs: make(map[string]*tab)}
	done := make(chan struct{})
	go func() { defer close(done); c.read(out) }()
	t.Cleanup(func() {
		_, _ = c.call(context.Background(), "", "Browser.close", nil)
		_ = in.Close()
		_ = cmd.Wait()
		<-done
	})
	return c
}

func (c *chromium) read(out *os.File) {
	defer out.Close()
	messages := bufio.NewReader(out)
	for {
		text, err := messages.ReadBytes(0)
		if err != nil {
			break
		}
		var m message
		if json.Unmarshal(bytes.TrimSuffix(text, []byte{0}), &m) == nil {
			c.take(m)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, answer := range c.waiting {
		close(answer)
		delete(c.waiting, id)
	}
}

func (c *chromium) take(m message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if answer := c.waiting[m.ID]; m.ID != 0 && answer != nil {
		answer <- m
		delete(c.waiting, m.ID)
		return
	}
	if tab := c.tabs[m.Session]; tab != nil {
		tab.hear(m)
	}
}

// call runs one method of the protocol.
func (c *chromium) call(ctx context.Context, session, method string, params any) (json.RawMessage, error) {
	encoded, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	answer := make(chan message, 1)
	c.mu.Lock()
	c.next++
	m := message{ID: c.next, Session: session, Method: method, Params: encoded}
	c.waiting[m.ID] = answer
	text, err := json.Marshal(m)
	if err == nil {
		_, err = c.in.Write(append(text, 0))
	}
	c.mu.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case m, ok := <-answer:
		switch {
		case !ok:
			return nil, errors.New("chromium has ended")
		case m.Error != nil:
			return nil, fmt.Errorf("%s: %s", method, m.Error.Message)
		}
		return m.Result, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// tab is one page. What its script throws and what its policy forbids fails the
// test.
type tab struct {
	t       *testing.T
	browser *chromium
	session string

	mu       sync.Mutex
	problems []string
	lost     bool // the mock is to end: then failed requests are no problem
}

// screen is what a page is looked at with.
type screen struct {
	width, height int
	dark, phone   bool
}

var desktop = screen{width: 1360, height: 1000}

// open shows the page at url.
func (c *chromium) open(t *testing.T, url string, s screen) *tab {
	t.Helper()
	p := &tab{t: t, browser: c}
	var made struct {
		BrowserContextID string `json:"browserContextId"`
		TargetID         string `json:"targetId"`
		SessionID        string `json:"sessionId"`
	}
	p.into(&made, "Target.createBrowserContext", nil)
	p.into(&made, "Target.createTarget", object{"url": "about:blank", "browserContextId": made.BrowserContextID, "width": s.width, "height": s.height})
	p.into(&made, "Target.attachToTarget", object{"targetId": made.TargetID, "flatten": true})
	p.session = made.SessionID
	c.mu.Lock()
	c.tabs[p.session] = p
	c.mu.Unlock()
	t.Cleanup(func() {
		_, _ = c.call(context.Background(), "", "Target.disposeBrowserContext", object{"browserContextId": made.BrowserContextID})
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, problem := range p.problems[:min(len(p.problems), 3)] {
			t.Errorf("in the browser: %s", problem)
		}
	})
	scheme := map[bool]string{true: "dark", false: "light"}[s.dark]
	p.do("Log.enable", nil)
	p.do("Runtime.enable", nil)
	p.do("Page.enable", nil)
	p.do("Emulation.setDeviceMetricsOverride", object{"width": s.width, "height": s.height, "deviceScaleFactor": map[bool]int{true: 2, false: 1}[s.phone], "mobile": s.phone})
	p.do("Emulation.setEmulatedMedia", object{"features": []object{{"name": "prefers-color-scheme", "value": scheme}}})
	p.do("Page.navigate", object{"url": url})
	p.wait("document.readyState === 'complete'")
	return p
}

func (p *tab) hear(m message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch m.Method {
	case "Runtime.exceptionThrown":
		p.problems = append(p.problems, string(m.Params))
	case "Log.entryAdded":
		if text := string(m.Params); strings.Contains(text, `"level":"error"`) && !p.lost {
			p.problems = append(p.problems, text)
		}
	}
}

func (p *tab) into(v any, method string, params any) {
	p.t.Helper()
	if params == nil {
		params = object{}
	}
	result, err := p.browser.call(p.t.Context(), p.session, method, params)
	if err == nil && v != nil {
		err = json.Unmarshal(result, v)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *tab) do(method string, params any) { p.t.Helper(); p.into(nil, method, params) }

// eval is the value of a JavaScript expression, or of what it promises.
func (p *tab) eval(expression string) any {
	p.t.Helper()
	var got struct {
		Result struct {
			Value any `json:"value"`
		} `json:"result"`
		Exception *struct {
			Exception struct {
				Description string `json:"description"`
			} `json:"exception"`
		} `json:"exceptionDetails"`
	}
	p.into(&got, "Runtime.evaluate", object{"expression": expression, "awaitPromise": true, "returnByValue": true})
	if got.Exception != nil {
		p.t.Fatalf("%s: %s", expression, got.Exception.Exception.Description)
	}
	return got.Result.Value
}

// wait waits until a JavaScript expression is true.
func (p *tab) wait(expression string) {
	p.t.Helper()
	const patience = time.Minute // with a dozen pages at once on a busy machine
	p.eval(fmt.Sprintf(`new Promise((done, failed) => {
		const start = performance.now();
		(function look() {
			let value = false, why = "";
			try { value = (%s); } catch (e) { why = ": " + e.message; }
			if (value) done(true);
			else if (performance.now() - start > %d) failed(new Error("it did not become so" + why + "; the page shows: " + document.body.innerText.slice(0, 3000)));
			else setTimeout(look, 20);
		})();
	})`, expression, patience.Milliseconds()))
}

// shows waits until the visible text of what a selector finds has all parts.
func (p *tab) shows(selector string, parts ...string) {
	p.t.Helper()
	for _, part := range parts {
		quoted, _ := json.Marshal(part)
		p.wait(fmt.Sprintf(`[...document.querySelectorAll(%q)].some(e => e.getClientRects().length > 0 && e.innerText.includes(%s))`, selector, quoted))
	}
}

// click clicks, as a mouse does, on the middle of the first of what a selector
// finds that has that text.
func (p *tab) click(selector, text string) {
	p.t.Helper()
	quoted, _ := json.Marshal(text)
	found := fmt.Sprintf(`[...document.querySelectorAll(%q)].find(e => e.getClientRects().length > 0 && (e.textContent || "").includes(%s))`, selector, quoted)
	p.wait(found)
	at := p.eval(fmt.Sprintf(`(e => { e.scrollIntoView({ block: "center" }); const r = e.getBoundingClientRect(); return { x: r.x + r.width / 2, y: r.y + r.height / 2 }; })(%s)`, found)).(object)
	for _, kind := range []string{"mouseMoved", "mousePressed", "mouseReleased"} {
		p.do("Input.dispatchMouseEvent", object{"type": kind, "x": at["x"], "y": at["y"], "button": "left", "clickCount": 1})
	}
}

// enter puts the focus on a field and types.
func (p *tab) enter(selector, text string) {
	p.t.Helper()
	p.click(selector, "")
	p.eval(fmt.Sprintf(`document.querySelector(%q).select()`, selector))
	p.do("Input.insertText", object{"text": text})
}

func (p *tab) press(key string) {
	p.t.Helper()
	for _, kind := range []string{"keyDown", "keyUp"} {
		p.do("Input.dispatchKeyEvent", object{"type": kind, "key": key, "code": key})
	}
}

// picture keeps a screenshot of the whole page where SCREENSHOTS=DIR wants it.
func (p *tab) picture(name string) {
	p.t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	p.eval(`scrollTo(0, 0)`)
	var shot struct{ Data string }
	p.into(&shot, "Page.captureScreenshot", object{"format": "png", "captureBeyondViewport": true})
	png, err := base64.StdEncoding.DecodeString(shot.Data)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}
