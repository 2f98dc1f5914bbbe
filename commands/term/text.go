package term

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// Width is the number of columns that a line takes.
func Width(line string) int { return lipgloss.Width(line) }

// Clip shortens a line to width columns; a width below one leaves it as it is.
func Clip(line string, width int) string {
	if width < 1 || Width(line) <= width {
		return line
	}
	var b strings.Builder
	used := 0
	for _, r := range line {
		used += Width(string(r))
		if used > width-1 {
			break
		}
		b.WriteRune(r)
	}
	return b.String() + "…"
}

// Wrap breaks text between words into lines of at most width columns, unless a word
// is longer. It returns one line at least.
func Wrap(text string, width int) []string {
	lines := []string{""}
	for word := range strings.FieldsSeq(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case Width(*last)+1+Width(word) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}
