package term

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestEscapeControls(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"plain":            "plain",
		"größe ✓":          "größe ✓",
		"\x1b[31mred":      `\x1b[31mred`,
		"a\tb\nc\r":        `a\x09b\x0ac\x0d`,
		"\xff":             `\xff`,
		"csi \u009b1m":     `csi \u009b1m`,
		"rtl \u202egnp":    `rtl \u202egnp`,
		"new\u2028line":    `new\u2028line`,
		"replaced \ufffd!": "replaced \ufffd!",
	} {
		if got := EscapeControls(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

// The document says the same, to whoever reads it as JSON.
func TestEscapeInJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("\x7f\u0085\u009b\u202e\u2066\u200f\u2028ü\\\"\n")))).Draw(t, "s")
		var document bytes.Buffer
		encoder := json.NewEncoder(&document)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(s); err != nil {
			t.Fatal(err)
		}
		safe := EscapeJSON(document.Bytes())
		if strings.ContainsFunc(string(bytes.TrimSpace(safe)), func(r rune) bool { return Unprintable(r) && r != utf8.RuneError }) {
			t.Fatalf("%q is shown as %q", s, safe)
		}
		var back string
		if err := json.Unmarshal(safe, &back); err != nil || back != strings.ToValidUTF8(s, "\ufffd") {
			t.Fatalf("%q became %q: %v", s, back, err)
		}
	})
}

func TestField(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"": "-", "a": "a", "a\tb\nc": "a b c", "\x1b[1m": " [1m"} {
		if got := Field(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

func TestNothingUnprintableIsLeft(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.Byte()).Draw(t, "s")) + rapid.String().Draw(t, "text")
		for _, out := range []string{EscapeControls(s), Field(s)} {
			if !utf8.ValidString(out) || strings.ContainsFunc(out, unicode.IsControl) {
				t.Fatalf("%q became %q", s, out)
			}
		}
	})
}
