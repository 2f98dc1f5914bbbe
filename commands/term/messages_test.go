package term

import (
	"bytes"
	"testing"
)

// messagesTo makes messages whose stream is like s and writes into text.
func messagesTo(s Stream, variables ...string) (m *Messages, text *bytes.Buffer) {
	text = new(bytes.Buffer)
	s.Writer = text
	return NewMessages(s, lookup(variables...)), text
}

func TestLevel(t *testing.T) {
	t.Parallel()
	for level, want := range map[Level]string{
		{Info: true, Errors: true}:              "smp: fact\nsmp: lost\nsmp: error: bad\\x1b\nsmp: hint: do\n",
		{Trace: true, Info: true, Errors: true}: "smp: fact\n> GET\nsmp: lost\nsmp: error: bad\\x1b\nsmp: hint: do\n",
		{Errors: true}:                          "smp: lost\nsmp: error: bad\\x1b\n",
		{}:                                      "",
	} {
		m, text := messagesTo(Stream{})
		m.Level = level
		m.Info("fact")
		m.Trace("> GET")
		m.Warn("lost")
		m.Error("bad\x1b", []string{"do"})
		if text.String() != want {
			t.Errorf("%+v: got %q, want %q", level, text, want)
		}
	}
}

func TestStatusLine(t *testing.T) {
	t.Parallel()
	m, text := messagesTo(Stream{Terminal: true, Width: func() int { return 10 }}, "NO_COLOR=1")
	m.SetStatus("one", "")
	m.SetStatus("one", "")
	m.Info("fact")
	m.SetStatus("a longer line", "")
	m.ClearStatus()
	m.ClearStatus()
	want := "one" + "\r\x1b[K" + "smp: fact\none" + "\ra longer…\x1b[K" + "\r\x1b[K"
	if text.String() != want {
		t.Errorf("got  %q\nwant %q", text, want)
	}
}
