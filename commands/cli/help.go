package cli

import (
	"cmp"
	"fmt"
	"strings"

	"smp/commands/term"
)

// helpWidth is what help text is wrapped to, whatever the terminal.
const helpWidth = 80

// Help explains a command, a group of commands, or the program, if words is empty.
func (p *Program) Help(words []string, style term.Styles) (string, error) {
	page := &page{program: p, style: style}
	words = p.unaliased(words)
	switch construct := p.Commands.find(words); {
	case construct != nil:
		page.command(construct())
	case len(words) == 0:
		page.root()
	case len(p.Commands.under(words)) > 0:
		page.heading("Usage")
		page.line("  " + p.path(words) + " COMMAND [flags]")
		page.commands(p.Commands.under(words))
	default:
		last := len(words) - 1
		return "", p.unknownCommand(words[:last], words[last])
	}
	return page.text.String(), nil
}

// unaliased is words with aliases resolved.
func (p *Program) unaliased(words []string) []string {
	var resolved []string
	for _, word := range words {
		resolved = append(resolved, p.unalias(resolved, word))
	}
	return resolved
}

// page is help text in the making.
type page struct {
	program *Program
	style   term.Styles
	text    strings.Builder
}

func (p *page) line(s string) { p.text.WriteString(s + "\n") }

// heading begins a part, set off by an empty line.
func (p *page) heading(s string) {
	if p.text.Len() > 0 {
		p.line("")
	}
	p.line(p.style.Head(s + ":"))
}

func (p *page) root() {
	p.line(p.program.Summary)
	p.heading("Usage")
	p.line("  " + p.program.Name + " COMMAND [flags] [arguments]")
	p.commands(p.program.Commands)
	p.heading("First steps")
	p.examples(p.program.FirstSteps)
	p.flags(p.program.Shared())
	p.line("")
	p.paragraphs(p.program.Rules)
}

func (p *page) commands(commands Registry) {
	p.heading("Commands")
	rows := make([][2]string, 0, len(commands))
	for _, e := range commands {
		rows = append(rows, [2]string{e.Name, e.Make().Summary})
	}
	p.columns(rows)
}

func (p *page) command(c *Command) {
	p.line(sentence(c.Summary))
	p.heading("Usage")
	p.line(strings.TrimRight("  "+p.program.Name+" "+c.Name+" [flags] "+c.Args, " "))
	if c.About != "" {
		p.line("")
		p.paragraphs(c.About)
	}
	if len(c.Examples) > 0 {
		p.heading("Examples")
		p.examples(c.Examples)
	}
	p.flags(c.AllFlags())
}

// examples shows command lines with what they do above them.
func (p *page) examples(examples []Example) {
	for _, e := range examples {
		p.line("  # " + e.Does)
		p.line("  " + e.Line)
	}
}

// flags lists flags under the headings of their groups, in the order of the first
// of each.
func (p *page) flags(flags []Flag) {
	var groups []string
	rows := map[string][][2]string{}
	for _, f := range flags {
		group := cmp.Or(f.Group, "Flags")
		if rows[group] == nil {
			groups = append(groups, group)
		}
		rows[group] = append(rows[group], [2]string{spelling(f), meaning(f)})
	}
	for _, group := range groups {
		p.heading(group)
		p.columns(rows[group])
	}
}

// spelling shows how a flag is typed: "-m, --timeout D".
func spelling(f Flag) string {
	s := "    --" + f.Name
	if f.Short != "" {
		s = "-" + f.Short + ", --" + f.Name
	}
	return strings.TrimRight(s+" "+f.Value, " ")
}

func meaning(f Flag) string {
	var extra []string
	if f.Def != "" {
		extra = append(extra, "default "+f.Def)
	}
	if f.Env != "" {
		extra = append(extra, f.Env)
	}
	if len(extra) == 0 {
		return f.Usage
	}
	return f.Usage + " (" + strings.Join(extra, "; ") + ")"
}

// maxTerm is how wide the left of two columns gets before the right one moves to
// the next line.
const maxTerm = 26

// columns shows terms with their meanings, wrapped beside them.
func (p *page) columns(rows [][2]string) {
	width := 0
	for _, row := range rows {
		if w := term.Width(row[0]); w <= maxTerm {
			width = max(width, w)
		}
	}
	indent := strings.Repeat(" ", width+4)
	for _, row := range rows {
		pad := width - term.Width(row[0])
		lines := term.Wrap(row[1], helpWidth-len(indent))
		if pad < 0 {
			p.line("  " + p.style.Name(row[0]))
		} else {
			p.line("  " + p.style.Name(row[0]) + strings.Repeat(" ", pad+2) + lines[0])
			lines = lines[1:]
		}
		for _, line := range lines {
			p.line(indent + line)
		}
	}
}

func (p *page) paragraphs(text string) {
	for i, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			p.line("")
		}
		for _, line := range term.Wrap(paragraph, helpWidth) {
			p.line(line)
		}
	}
}

func sentence(s string) string {
	if s == "" {
		return ""
	}
	return fmt.Sprintf("%s%s.", strings.ToUpper(s[:1]), s[1:])
}
