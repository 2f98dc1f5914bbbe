package term

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// Messages writes to stderr what people are told: facts, errors, hints, and a status
// line that changes in place. It is safe for concurrent use.
//
// A message is one fact a line, lower case, without a full stop. All text passes
// [Messages.Sanitize].
type Messages struct {
	Style Styles
	Level Level

	// Redactor takes secrets out of text; nil knows none.
	Redactor func(string) string

	stream Stream

	mu     sync.Mutex
	status string // on the terminal now, without a newline
	ended  bool   // later messages are dropped
}

// Level says which messages are shown.
type Level struct {
	Trace  bool // the lines of -v
	Info   bool // facts and hints
	Errors bool // errors and warnings
}

// NewMessages writes to stream, everything but traces.
func NewMessages(stream Stream, lookup Lookup) *Messages {
	return &Messages{stream: stream, Style: newStyles(stream, lookup), Level: Level{Info: true, Errors: true}}
}

// Info tells a fact: "smp: …".
func (m *Messages) Info(format string, args ...any) {
	if m.Level.Info {
		m.line("smp: " + m.Sanitize(fmt.Sprintf(format, args...)))
	}
}

// Warn tells a fact that is shown wherever errors are.
func (m *Messages) Warn(format string, args ...any) {
	if m.Level.Errors {
		m.line("smp: " + m.Sanitize(fmt.Sprintf(format, args...)))
	}
}

// Trace tells a line that -v asks for.
func (m *Messages) Trace(line string) {
	if m.Level.Trace {
		m.line(m.Style.traceLine(m.Sanitize(line)))
	}
}

// Error tells an error, whose lines are one message each, and what to do about it.
func (m *Messages) Error(text string, hints []string) {
	if !m.Level.Errors {
		return
	}
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		m.line("smp: " + m.Style.Bad("error:") + " " + m.Sanitize(line))
	}
	if !m.Level.Info {
		return
	}
	for _, hint := range hints {
		m.line("smp: " + m.Style.Good("hint:") + " " + m.Sanitize(hint))
	}
}

// ShowsStatus reports whether a status line can be shown: only a terminal rewrites a
// line.
func (m *Messages) ShowsStatus() bool { return m.Style.cursor && m.Level.Info }

// SetStatus makes line the status line, cut to the width of the terminal, with the part
// bad painted as a failure. It does nothing where [Messages.ShowsStatus] is false.
func (m *Messages) SetStatus(line, bad string) {
	if !m.ShowsStatus() {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	line = Clip(m.Sanitize(line), m.Columns()-1)
	if bad != "" {
		line = strings.Replace(line, bad, m.Style.Bad(bad), 1)
	}
	if line == m.status || m.ended {
		return
	}
	if m.status == "" {
		_, _ = io.WriteString(m.stream, line)
	} else { // in one write, so that the line is never seen empty
		_, _ = io.WriteString(m.stream, "\r"+line+"\x1b[K")
	}
	m.status = line
}

// ClearStatus removes the status line.
func (m *Messages) ClearStatus() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clear()
}

// Columns is the width of stderr.
func (m *Messages) Columns() int { return m.stream.Columns() }

// End drops all later messages: a connection that was abandoned may still trace its
// own end.
func (m *Messages) End() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clear()
	m.ended = true
}

// Redact takes secrets out of text.
func (m *Messages) Redact(s string) string {
	if m.Redactor == nil {
		return s
	}
	return m.Redactor(s)
}

// Sanitize makes text safe to show: secrets out, control characters escaped.
func (m *Messages) Sanitize(s string) string { return EscapeControls(m.Redact(s)) }

// clear removes the status line. The caller holds mu.
func (m *Messages) clear() {
	if m.status != "" {
		_, _ = io.WriteString(m.stream, "\r\x1b[K")
		m.status = ""
	}
}

// line writes a whole line, and the status line again below it.
func (m *Messages) line(line string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended {
		return
	}
	status := m.status
	m.clear()
	_, _ = io.WriteString(m.stream, line+"\n"+status)
	m.status = status
}
