package commands

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"smp/commands/term"
)

// helpWidth is what help text is wrapped to, whatever the terminal.
const helpWidth = 80

type helpOptions struct {
	app    *app
	manual bool
}

func newHelp(a *app) *command {
	o := &helpOptions{app: a}
	return &command{
		name:    "help",
		args:    "[COMMAND…]",
		summary: "explain a command",
		flags:   []flag{{name: "man", usage: "print the manual page, smp.1", set: on(&o.manual)}},
		lacks:   jsonFlag | connectionFlags | paceFlags,
		run:     o.run,
	}
}

func (o *helpOptions) run(ctx context.Context, words []string) error {
	if !o.manual {
		return o.app.printHelp(ctx, words)
	}
	if len(words) > 0 {
		return usagef("--man is the manual page of all commands").hint("smp help %s", strings.Join(words, " "))
	}
	return o.app.out.Text(ctx, manual(o.app))
}

// printHelp explains a command, a group of commands, or the program.
func (a *app) printHelp(ctx context.Context, words []string) error {
	page := &page{style: a.out.Style}
	switch construct := a.commands.find(words); {
	case construct != nil:
		c := construct(a)
		c.flags = append(c.flags, sharedFlags(a, c)...)
		page.command(c)
	case len(words) == 0:
		page.program(a)
	case len(a.commands.under(words)) > 0:
		page.heading("Usage")
		page.line("  " + path(words) + " COMMAND [flags]")
		page.commands(a, a.commands.under(words))
	default:
		last := len(words) - 1
		return unknownCommand(a.commands, words[:last], words[last])
	}
	return a.out.Text(ctx, page.text.String())
}

// page is help text in the making.
type page struct {
	style term.Styles
	text  strings.Builder
}

func (p *page) line(s string) { p.text.WriteString(s + "\n") }

// heading begins a part, set off by an empty line.
func (p *page) heading(s string) {
	if p.text.Len() > 0 {
		p.line("")
	}
	p.line(p.style.Head(s + ":"))
}

func (p *page) program(a *app) {
	p.line("Work with sessions of Zyte Smart Proxy Manager from the shell.")
	p.heading("Usage")
	p.line("  smp COMMAND [flags] [arguments]")
	p.commands(a, a.commands)
	p.heading("First steps")
	p.examples(firstSteps())
	p.flags(rootFlags(a))
	p.line("")
	p.paragraphs(commonRules + "\n\nMore: smp help COMMAND, and the manual page: smp help --man | man -l -")
}

const commonRules = "Flags may stand anywhere; -- ends them. Settings come from flags, then the " +
	"environment, then $XDG_CONFIG_HOME/smp/config.toml (SMP_CONFIG). A plain number is seconds in every duration."

func firstSteps() []example {
	return []example{
		{"export SMP_API_KEY=…", "say who you are"},
		{"smp fetch https://httpbin.org/ip", "one request through the proxy"},
		{"smp fetch --session @shop https://shop.com/", "in a session of its own, paced"},
		{"smp mock -- sh script.sh", "try a script out against a mock, offline"},
	}
}

func (p *page) commands(a *app, commands registry) {
	p.heading("Commands")
	rows := make([][2]string, 0, len(commands))
	for _, e := range commands {
		rows = append(rows, [2]string{e.name, e.make(a).summary})
	}
	p.columns(rows)
}

func (p *page) command(c *command) {
	p.line(sentence(c.summary))
	p.heading("Usage")
	p.line(strings.TrimRight("  smp "+c.name+" [flags] "+c.args, " "))
	if c.about != "" {
		p.line("")
		p.paragraphs(c.about)
	}
	if len(c.examples) > 0 {
		p.heading("Examples")
		p.examples(c.examples)
	}
	p.flags(c.flags)
}

// examples shows command lines with what they do above them.
func (p *page) examples(examples []example) {
	for _, e := range examples {
		p.line("  # " + e.does)
		p.line("  " + e.line)
	}
}

// flags lists flags under the headings of their groups, in the order of the first
// of each.
func (p *page) flags(flags []flag) {
	var groups []string
	rows := map[string][][2]string{}
	for _, f := range flags {
		group := cmp.Or(f.group, "Flags")
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
func spelling(f flag) string {
	s := "    --" + f.name
	if f.short != "" {
		s = "-" + f.short + ", --" + f.name
	}
	return strings.TrimRight(s+" "+f.value, " ")
}

func meaning(f flag) string {
	var extra []string
	if f.def != "" {
		extra = append(extra, "default "+f.def)
	}
	if f.env != "" {
		extra = append(extra, f.env)
	}
	if len(extra) == 0 {
		return f.usage
	}
	return f.usage + " (" + strings.Join(extra, "; ") + ")"
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
