package commands

import (
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
		if got := escapeControls(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

func TestField(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"": "-", "a": "a", "a\tb\nc": "a b c", "\x1b[1m": " [1m"} {
		if got := field(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

func TestNothingUnprintableIsLeft(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.Byte()).Draw(t, "s")) + rapid.String().Draw(t, "text")
		for _, out := range []string{escapeControls(s), field(s)} {
			if !utf8.ValidString(out) || strings.ContainsFunc(out, unicode.IsControl) {
				t.Fatalf("%q became %q", s, out)
			}
		}
	})
}
