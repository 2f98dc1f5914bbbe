package commands

import (
	"context"
	"strings"

	"smp/client/mock"
	"smp/commands/term"
)

// printFacts prints how well each behaviour of the service is known that the mock
// has: AREA MARK FACT MOCK SOURCE FLAG, in paragraphs to a terminal.
func (o *mockOptions) printFacts(ctx context.Context) error {
	if o.app.out.Stream.Terminal {
		return o.app.out.Text(ctx, factsForPeople(o.app.out.Style, o.app.out.Stream.Columns()))
	}
	t := o.app.out.NewTable("AREA", "MARK", "FACT", "MOCK", "SOURCE", "FLAG")
	for _, f := range mock.Facts() {
		t.Row(f.Area, string(f.Mark), f.Fact, f.Mock, f.Source, f.Flag)
	}
	return t.Print(ctx)
}

// factsForPeople shows the facts by area, wrapped beside their marks.
func factsForPeople(style term.Styles, columns int) string {
	p := &page{style: style}
	width := len(mock.Documented)
	indent := strings.Repeat(" ", width+4)
	area := ""
	for _, f := range mock.Facts() {
		if f.Area != area {
			area = f.Area
			p.heading(strings.TrimSuffix(sentence(area), "."))
		}
		p.text.WriteString("  " + style.Name(string(f.Mark)) + strings.Repeat(" ", width-len(f.Mark)+2))
		p.line(strings.Join(term.Wrap(f.Fact, columns-len(indent)), "\n"+indent))
		p.line(indent + strings.Join(term.Wrap(mocked(f), columns-len(indent)), "\n"+indent))
		for _, line := range term.Wrap("from: "+f.Source, columns-len(indent)) {
			p.line(indent + style.Faint(line))
		}
	}
	return p.text.String()
}

func mocked(f mock.Fact) string {
	if f.Flag == "" {
		return "mock: " + f.Mock
	}
	return "mock: " + f.Mock + "; changed by " + f.Flag
}
