package cli

import (
	"fmt"
	"strings"
)

// roff is a manual page in the making, in the macros of man(7).
type roff struct{ text strings.Builder }

// line writes a line as it is: a request, or text that is escaped already.
func (r *roff) line(format string, args ...any) { fmt.Fprintf(&r.text, format+"\n", args...) }

func (r *roff) section(title string) { r.line(".SH %s", roffQuote(title)) }

func (r *roff) subsection(title string) { r.line(".SS %s", roffQuote(title)) }

// prose writes paragraphs, which blank lines separate.
func (r *roff) prose(text string) {
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		r.line(".PP")
		r.line("%s", roffText(strings.Join(strings.Fields(paragraph), " ")))
	}
}

// term writes a term with its meaning below it.
func (r *roff) term(term, meaning string) {
	r.line(".TP")
	r.line(`\fB%s\fR`, roffText(term))
	r.line("%s", roffText(meaning))
}

// examples writes command lines below what they do.
func (r *roff) examples(examples []Example) {
	for _, e := range examples {
		r.line(".PP")
		r.line("%s:", roffText(strings.ToUpper(e.Does[:1])+e.Does[1:]))
		r.line(".PP")
		r.line(".RS 4\n.nf")
		r.line("%s", roffText(e.Line))
		r.line(".fi\n.RE")
	}
}

// roffText makes text of s that roff shows as it is. Hyphens stay those of
// commands, and characters beyond ASCII become numbers, so that no encoding
// matters.
func roffText(s string) string {
	var b strings.Builder
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		b.WriteString(`\&`)
	}
	for _, c := range s {
		switch {
		case c == '\\':
			b.WriteString(`\e`)
		case c == '-':
			b.WriteString(`\-`)
		case c == '\'':
			b.WriteString(`\(aq`)
		case c == '`':
			b.WriteString(`\(ga`)
		case c == '^':
			b.WriteString(`\(ha`)
		case c == '~':
			b.WriteString(`\(ti`)
		case c == '…':
			b.WriteString(`...`)
		case c > 0x7e:
			fmt.Fprintf(&b, `\[u%04X]`, c)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// roffQuote makes one argument of a request.
func roffQuote(s string) string {
	return `"` + strings.ReplaceAll(roffText(s), `"`, `\(dq`) + `"`
}
