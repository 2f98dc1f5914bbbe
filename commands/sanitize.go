package commands

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escapeControls makes text of a server safe to show to people: control characters
// and bytes that are no UTF-8 are written as escapes.
func escapeControls(s string) string {
	if !strings.ContainsFunc(s, unprintable) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1, unicode.IsControl(r) && r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unprintable(r) && r != utf8.RuneError:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}

// escapeInJSON does so for a JSON document, in JSON's own way: its encoder escapes no
// character from DEL on, but for two.
func escapeInJSON(document []byte) []byte {
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
	return r >= 0x7f && r != utf8.RuneError && unprintable(r)
}

// field makes one tab-separated value: control characters become spaces, and what
// is not known is a dash.
func field(s string) string {
	if s == "" {
		return "-"
	}
	return strings.Map(func(r rune) rune {
		if unprintable(r) {
			return ' '
		}
		return r
	}, s)
}

// unprintable says whether a terminal might obey r instead of showing it, or whether r
// could reorder the text around it.
func unprintable(r rune) bool {
	return unicode.IsControl(r) || r == utf8.RuneError || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}
