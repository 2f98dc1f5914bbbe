package term

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// EscapeControls makes text of a server safe to show to people: control characters,
// bytes that are no UTF-8, and characters that reorder text become escapes.
func EscapeControls(s string) string {
	if !strings.ContainsFunc(s, Unprintable) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1, unicode.IsControl(r) && r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case Unprintable(r) && r != utf8.RuneError:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}

// EscapeJSON is EscapeControls for JSON, in JSON's own escapes. What encoding/json
// leaves unescaped, from DEL on, is all that is left to do.
func EscapeJSON(document []byte) []byte {
	if !bytes.ContainsFunc(document, unprintableInJSON) {
		return document
	}
	safe := make([]byte, 0, len(document)+len(document)/8)
	for _, r := range string(document) {
		if unprintableInJSON(r) {
			safe = fmt.Appendf(safe, `\u%04x`, r)
		} else {
			safe = utf8.AppendRune(safe, r)
		}
	}
	return safe
}

func unprintableInJSON(r rune) bool {
	return r >= 0x7f && r != utf8.RuneError && Unprintable(r)
}

// Field makes one tab-separated value: control characters become spaces, and the
// empty text, which is unknown, becomes a dash.
func Field(s string) string {
	if s == "" {
		return "-"
	}
	return strings.Map(func(r rune) rune {
		if Unprintable(r) {
			return ' '
		}
		return r
	}, s)
}

// Unprintable reports whether a terminal might obey r instead of showing it, or whether r
// could reorder the text around it.
func Unprintable(r rune) bool {
	return unicode.IsControl(r) || r == utf8.RuneError || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}
