package commands

import (
	"io"
	"strings"

	"smp/client/mock"
)

// printFacts prints how well each behaviour of the service is known that the mock
// has: AREA MARK FACT MOCK SOURCE FLAG, in paragraphs to a terminal.
func (o *mockOptions) printFacts() error {
	if o.out.stream.Terminal {
		_, err := io.WriteString(o.out, factsForPeople(o.out.style, o.out.stream.columns()))
		return err
	}
	t := o.out.newTable("AREA", "MARK", "FACT", "MOCK", "SOURCE", "FLAG")
	for _, f := range mock.Facts() {
		t.row(f.Area, string(f.Mark), f.Fact, f.Mock, f.Source, f.Flag)
	}
	return t.print()
}

// factsForPeople shows the facts by area, wrapped beside their marks.
func factsForPeople(style styles, columns int) string {
	p := &page{style: style}
	width := len(mock.Documented)
	indent := strings.Repeat(" ", width+4)
	area := ""
	for _, f := range mock.Facts() {
		if f.Area != area {
			area = f.Area
			p.heading(strings.TrimSuffix(sentence(area), "."))
		}
		p.text.WriteString("  " + style.name(string(f.Mark)) + strings.Repeat(" ", width-len(f.Mark)+2))
		p.line(strings.Join(wrap(f.Fact, columns-len(indent)), "\n"+indent))
		p.line(indent + strings.Join(wrap(mocked(f), columns-len(indent)), "\n"+indent))
		for _, line := range wrap("from: "+f.Source, columns-len(indent)) {
			p.line(indent + style.faint(line))
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
