package cli

import "strings"

// Manual is what a manual page tells besides the commands.
type Manual struct {
	Date, Version string    // empty: not shown
	Name          string    // half a sentence, as NAME wants it
	Description   string    // paragraphs
	Sections      []Section // behind the flags
	SeeAlso       string
}

// Section is a part of a manual page: terms with their meanings, then paragraphs.
type Section struct {
	Title string
	Terms []Term
	Text  string
}

// Term is an entry of a section.
type Term struct{ Name, Meaning string }

// ManualPage is the manual page, in roff, from the declarations that help shows.
func (p *Program) ManualPage() string {
	m := p.Manual()
	r := &roff{}
	r.line(".TH %s 1 %s %s %s", strings.ToUpper(p.Name), roffQuote(m.Date), roffQuote(p.Name+" "+m.Version), roffQuote("User Commands"))
	r.section("NAME")
	r.line(`%s \- %s`, p.Name, roffText(m.Name))
	r.section("SYNOPSIS")
	r.line(".nf")
	for _, e := range p.Commands {
		c := e.Make()
		r.line(`\fB%s %s\fR [\fIflags\fR] %s`, p.Name, roffText(c.Name), roffText(c.Args))
	}
	r.line(".fi")
	r.section("DESCRIPTION")
	r.prose(m.Description + "\n\n" + p.Rules)
	r.section("COMMANDS")
	for _, e := range p.Commands {
		r.command(p.Name, e.Make())
	}
	r.section("COMMON FLAGS")
	r.prose("Of these, each command takes those that mean something to it: " + p.Name + " help COMMAND lists them.")
	r.flags(p.Shared())
	for _, s := range m.Sections {
		r.section(s.Title)
		for _, t := range s.Terms {
			r.term(t.Name, t.Meaning)
		}
		if s.Text != "" {
			r.prose(s.Text)
		}
	}
	r.section("EXAMPLES")
	r.examples(p.FirstSteps)
	r.section("SEE ALSO")
	r.prose(m.SeeAlso)
	return r.text.String()
}

func (r *roff) command(program string, c *Command) {
	r.subsection(strings.TrimSpace(program + " " + c.Name + " [flags] " + c.Args))
	r.prose(sentence(c.Summary))
	if c.About != "" {
		r.prose(c.About)
	}
	r.flags(c.Flags)
	r.examples(c.Examples)
}

func (r *roff) flags(flags []Flag) {
	for _, f := range flags {
		r.term(strings.TrimSpace(spelling(f)), meaning(f))
	}
}
