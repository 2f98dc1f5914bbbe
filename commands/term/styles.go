package term

import (
	"io"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// Styles colour words on one stream. Only the sixteen plain colours are used: no
// question is asked of the terminal, which may never answer.
type Styles struct {
	color  bool // colours and weights are shown
	cursor bool // a line can be rewritten in place
	out    io.Writer
}

// newStyles decides what a stream can show. NO_COLOR, CLICOLOR_FORCE and TERM=dumb
// mean what no-color.org and bixense.com/clicolors say.
func newStyles(stream Stream, lookup Lookup) Styles {
	dumb := lookup("TERM") == "dumb"
	forced := lookup("CLICOLOR_FORCE") != "" && lookup("CLICOLOR_FORCE") != "0"
	color := forced || stream.Terminal && !dumb && lookup("CLICOLOR") != "0"
	return Styles{
		color:  color && lookup("NO_COLOR") == "",
		cursor: stream.Terminal && !dumb,
		out:    stream,
	}
}

const (
	red    = lipgloss.Color("1")
	green  = lipgloss.Color("2")
	yellow = lipgloss.Color("3")
	cyan   = lipgloss.Color("6")
)

// Bad paints a word that tells of a failure.
func (s Styles) Bad(word string) string {
	return s.paint(word, lipgloss.Style{}.Foreground(red).Bold(true))
}

// Good paints a word that tells of success.
func (s Styles) Good(word string) string {
	return s.paint(word, lipgloss.Style{}.Foreground(green).Bold(true))
}

// Caution paints a word that tells of a warning.
func (s Styles) Caution(word string) string {
	return s.paint(word, lipgloss.Style{}.Foreground(yellow).Bold(true))
}

// Name paints the name of a command, a flag or a header.
func (s Styles) Name(word string) string { return s.paint(word, lipgloss.Style{}.Foreground(cyan)) }

// Head paints a heading.
func (s Styles) Head(word string) string { return s.paint(word, lipgloss.Style{}.Bold(true)) }

// Faint paints what matters less than what stands beside it.
func (s Styles) Faint(line string) string { return s.paint(line, lipgloss.Style{}.Faint(true)) }

// paint styles one word of ours. Data must not be passed to it: Render passes control
// sequences through.
func (s Styles) paint(word string, style lipgloss.Style) string {
	if !s.color || word == "" {
		return word
	}
	return style.Renderer(s.renderer()).Render(word)
}

// renderer is told all that lipgloss would ask of the terminal.
func (s Styles) renderer() *lipgloss.Renderer {
	r := lipgloss.NewRenderer(s.out)
	r.SetHasDarkBackground(true)
	r.SetColorProfile(termenv.Ascii)
	if s.color {
		r.SetColorProfile(termenv.ANSI)
	}
	return r
}
