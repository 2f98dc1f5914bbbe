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
	var b strings.Builder
	width := len(mock.Documented)
	indent := strings.Repeat(" ", width+4)
	column := func(text string) []string { return term.Wrap(text, columns-len(indent)) }
	area := ""
	for _, f := range mock.Facts() {
		if f.Area != area {
			if area != "" {
				b.WriteByte('\n')
			}
			area = f.Area
			b.WriteString(style.Head(strings.ToUpper(area[:1])+area[1:]+":") + "\n")
		}
		b.WriteString("  " + style.Name(string(f.Mark)) + strings.Repeat(" ", width-len(f.Mark)+2))
		b.WriteString(strings.Join(append(column(f.Fact), column(mocked(f))...), "\n"+indent) + "\n")
		for _, line := range column("from: " + f.Source) {
			b.WriteString(indent + style.Faint(line) + "\n")
		}
	}
	return b.String()
}

func mocked(f mock.Fact) string {
	if f.Flag == "" {
		return "mock: " + f.Mock
	}
	return "mock: " + f.Mock + "; changed by " + f.Flag
}
