package commands

import (
	"context"
	"strings"

	"smp/client/paced"
	"smp/commands/term"
)

// print writes the findings as JSON, as a list for people, or as tab-separated
// values: STATUS NAME DETAIL ADVICE.
func (e *examination) print(ctx context.Context, failed error) error {
	out := e.app.out
	for i := range e.findings {
		f := &e.findings[i]
		f.detail, f.advice = e.app.messages.Redact(f.detail), e.app.messages.Redact(f.advice)
	}
	switch {
	case out.JSON:
		return e.printJSON(ctx, failed)
	case out.Stream.Terminal:
		return out.Text(ctx, e.forPeople())
	}
	t := out.NewTable()
	for _, f := range e.findings {
		t.Row(string(f.grade), f.name, f.detailAndOrigin(), f.advice)
	}
	return t.Print(ctx)
}

// detailAndOrigin is the detail and, in brackets, its origin.
func (f finding) detailAndOrigin() string {
	if f.origin == "" {
		return f.detail
	}
	return f.detail + " (" + f.origin + ")"
}

// leastRoom is the width of a detail however narrow the terminal.
const leastRoom = 12

// forPeople wraps details beside the names, with the advice below them.
func (e *examination) forPeople() string {
	var b strings.Builder
	width := 0
	for _, f := range e.findings {
		width = max(width, term.Width(f.name))
	}
	indent := strings.Repeat(" ", len(gradeWarn)+width+4)
	room := max(e.app.out.Stream.Columns()-len(indent), leastRoom)
	for _, f := range e.findings {
		grade := e.paint(f.grade) + strings.Repeat(" ", len(gradeWarn)-len(f.grade)+2)
		b.WriteString(grade + f.name + strings.Repeat(" ", width-term.Width(f.name)+2))
		text := strings.Join(term.Wrap(e.app.messages.Sanitize(f.detailAndOrigin()), room), "\n"+indent)
		b.WriteString(text + "\n")
		if f.advice != "" {
			text := strings.Join(term.Wrap(term.EscapeControls(f.advice), room-2), "\n"+indent+"  ")
			b.WriteString(indent + "→ " + text + "\n")
		}
	}
	return b.String()
}

func (e *examination) paint(g grade) string {
	switch style := e.app.out.Style; g {
	case gradeOK:
		return style.Good(string(g))
	case gradeFail:
		return style.Bad(string(g))
	default:
		return style.Caution(string(g))
	}
}

// check is a finding as JSON.
type check struct {
	Grade  grade   `json:"status"`
	Name   string  `json:"name"`
	Detail string  `json:"detail"`
	Origin *string `json:"origin"`
	Advice *string `json:"advice"`
}

func (e *examination) printJSON(ctx context.Context, failed error) error {
	checks := make([]check, len(e.findings))
	for i, f := range e.findings {
		checks[i] = check{f.grade, f.name, f.detail, known(f.origin), known(f.advice)}
	}
	return e.app.out.PrintJSON(ctx, struct {
		Checks []check        `json:"checks"`
		Error  *paced.Failure `json:"error"`
	}{checks, e.app.errorJSON(ctx, failed)})
}
