package commands

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// talk writes messages for people to stderr: notices, errors, hints, and one line
// that changes while something is going on. It is safe for concurrent use.
type talk struct {
	stream Stream
	style  styles
	redact func(string) string // takes secrets out; nil for none known

	verbose bool // -v
	notices bool // off with -q and -s
	errors  bool // off with -s

	mu     sync.Mutex
	status string // on the terminal now, without a newline
	ended  bool   // the run is over
}

func newTalk(env Env) *talk {
	return &talk{stream: env.Stderr, style: newStyles(env.Stderr, env), notices: true, errors: true}
}

// heed sets how much is said.
func (t *talk) heed(o *sharedOptions) {
	t.verbose = o.verbose
	t.notices = !o.quiet && !o.silent
	t.errors = !o.silent || o.showError || o.quiet
}

// notice tells a fact: "smp: …".
func (t *talk) notice(format string, args ...any) {
	if t.notices {
		t.line("smp: " + t.clean(fmt.Sprintf(format, args...)))
	}
}

// alarm tells a fact that matters as much as an error.
func (t *talk) alarm(format string, args ...any) {
	if t.errors {
		t.line("smp: " + t.clean(fmt.Sprintf(format, args...)))
	}
}

// trace tells a line that -v asks for.
func (t *talk) trace(line string) {
	if t.verbose {
		t.line(t.clean(line))
	}
}

// failure tells an error and what to do about it. With -q the hints stay unsaid.
func (t *talk) failure(d diagnosis) {
	if !t.errors || d.silent {
		return
	}
	for line := range strings.SplitSeq(strings.TrimSpace(d.message), "\n") {
		t.line("smp: " + t.style.bad("error:") + " " + t.clean(line))
	}
	for _, hint := range d.hints {
		if t.notices {
			t.line("smp: " + t.style.good("hint:") + " " + t.clean(hint))
		}
	}
}

// show makes line the changing line. It is nothing where the terminal cannot
// rewrite a line; canShow says so.
func (t *talk) show(line string) {
	if !t.canShow() {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	line = clip(t.clean(line), t.stream.columns()-1)
	shown := line
	if line == t.status {
		return
	}
	if t.status != "" {
		line = "\r" + line + "\x1b[K" // in one write, so that the line is never seen empty
	}
	_, _ = io.WriteString(t.stream, line)
	t.status = shown
}

// hide takes the changing line away.
func (t *talk) hide() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.erase()
}

// canShow says whether a changing line can be shown.
func (t *talk) canShow() bool { return t.style.cursor && t.notices }

// erase clears the changing line. The caller holds mu.
func (t *talk) erase() {
	if t.status != "" {
		_, _ = io.WriteString(t.stream, "\r\x1b[K")
		t.status = ""
	}
}

// line writes a whole line, below which the changing line goes on.
func (t *talk) line(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return
	}
	status := t.status
	t.erase()
	_, _ = io.WriteString(t.stream, line+"\n"+status)
	t.status = status
}

// end lets nothing be said after the run: a connection that was given up may still
// be tracing its own end.
func (t *talk) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
}

// secretless takes secrets out of text.
func (t *talk) secretless(s string) string {
	if t.redact == nil {
		return s
	}
	return t.redact(s)
}

// clean makes text safe to show: secrets out, control characters escaped.
func (t *talk) clean(s string) string {
	return escapeControls(t.secretless(s))
}
