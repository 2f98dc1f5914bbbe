package commands

import (
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// styles colour words on one stream. Only the sixteen plain colours are used, so
// that nothing has to be asked of the terminal.
type styles struct {
	color  bool // colours and weights are shown
	cursor bool // a line can be rewritten in place
	out    io.Writer
}

// newStyles decides what a stream can show. NO_COLOR, CLICOLOR_FORCE and TERM=dumb
// have the meaning of no-color.org and bixense.com/clicolors.
func newStyles(stream Stream, env Env) styles {
	dumb := env.lookup("TERM") == "dumb"
	forced := env.lookup("CLICOLOR_FORCE") != "" && env.lookup("CLICOLOR_FORCE") != "0"
	color := forced || stream.Terminal && !dumb && env.lookup("CLICOLOR") != "0"
	return styles{
		color:  color && env.lookup("NO_COLOR") == "",
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

func (s styles) bad(word string) string {
	return s.paint(word, lipgloss.Style{}.Foreground(red).Bold(true))
}

func (s styles) good(word string) string {
	return s.paint(word, lipgloss.Style{}.Foreground(green).Bold(true))
}

func (s styles) warn(word string) string {
	return s.paint(word, lipgloss.Style{}.Foreground(yellow).Bold(true))
}
func (s styles) name(word string) string { return s.paint(word, lipgloss.Style{}.Foreground(cyan)) }
func (s styles) head(word string) string { return s.paint(word, lipgloss.Style{}.Bold(true)) }

// faint is for what matters less than what stands beside it.
func (s styles) faint(line string) string { return s.paint(line, lipgloss.Style{}.Faint(true)) }

// paint styles one word. It is never given data: Render would pass control
// sequences through.
func (s styles) paint(word string, style lipgloss.Style) string {
	if !s.color || word == "" {
		return word
	}
	return style.Renderer(s.renderer()).Render(word)
}

// renderer is lipgloss's for this stream. All it could ask of the terminal it is told.
func (s styles) renderer() *lipgloss.Renderer {
	r := lipgloss.NewRenderer(s.out)
	r.SetHasDarkBackground(true)
	r.SetColorProfile(termenv.Ascii)
	if s.color {
		r.SetColorProfile(termenv.ANSI)
	}
	return r
}

// clip shortens a line to width columns.
func clip(line string, width int) string {
	if width < 1 || lipgloss.Width(line) <= width {
		return line
	}
	var b strings.Builder
	used := 0
	for _, r := range line {
		used += lipgloss.Width(string(r))
		if used > width-1 {
			break
		}
		b.WriteRune(r)
	}
	return b.String() + "…"
}
