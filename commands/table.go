package commands

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// table collects rows and prints them as aligned columns under a header to a
// terminal, and as tab-separated values without one to a pipe.
type table struct {
	out   *output
	heads []string
	rows  [][]string
	note  string // said below a terminal's table
}

// newTable begins a table. Columns are only ever appended: scripts count on their order.
func (o *output) newTable(heads ...string) *table {
	return &table{out: o, heads: heads}
}

func (t *table) row(cells ...string) { t.rows = append(t.rows, cells) }

// print writes the whole table at once. A table without rows is nothing in a pipe.
func (t *table) print() error {
	var b strings.Builder
	if t.out.stream.Terminal {
		t.aligned(&b)
	} else {
		t.separated(&b)
	}
	_, err := t.out.Write([]byte(b.String()))
	return err
}

func (t *table) separated(b *strings.Builder) {
	for _, row := range t.rows {
		for i, cell := range row {
			if i > 0 {
				b.WriteByte('\t')
			}
			b.WriteString(field(cell))
		}
		b.WriteByte('\n')
	}
}

func (t *table) aligned(b *strings.Builder) {
	widths := make([]int, len(t.heads))
	shown := make([][]string, len(t.rows))
	for i, head := range t.heads {
		widths[i] = lipgloss.Width(head)
	}
	for r, row := range t.rows {
		shown[r] = make([]string, len(row))
		for i, cell := range row {
			if cell == "" {
				cell = "-"
			}
			shown[r][i] = escapeControls(cell)
			widths[i] = max(widths[i], lipgloss.Width(shown[r][i]))
		}
	}
	fit(widths, t.out.stream.columns())
	writeRow(b, t.heads, widths, t.out.style.head)
	for _, row := range shown {
		writeRow(b, row, widths, func(s string) string { return s })
	}
	if t.note != "" {
		b.WriteString(t.note + "\n")
	}
}

const (
	columnGap   = 2
	leastColumn = 6 // narrower, a cell says nothing
)

// fit narrows the widest columns until the table fits the terminal.
func fit(widths []int, terminal int) {
	total := (len(widths) - 1) * columnGap
	for _, width := range widths {
		total += width
	}
	for ; total > terminal; total-- {
		widest := 0
		for i, width := range widths {
			if width > widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= leastColumn {
			return
		}
		widths[widest]--
	}
}

// writeRow cuts cells to their widths and pads all but the last. Style adds no width.
func writeRow(b *strings.Builder, cells []string, widths []int, style func(string) string) {
	for i, cell := range cells {
		cell = clip(cell, widths[i])
		b.WriteString(style(cell))
		if i < len(cells)-1 {
			b.WriteString(strings.Repeat(" ", widths[i]-lipgloss.Width(cell)+columnGap))
		}
	}
	b.WriteByte('\n')
}
