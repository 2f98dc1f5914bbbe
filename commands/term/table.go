package term

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// Table collects rows and prints them as aligned columns under a header to a
// terminal, and as tab-separated values without one to a pipe.
type Table struct {
	// For terminals alone:
	Note  string // line below the rows
	Long  []int  // columns that still mean something when their cells are cut
	Spare []int  // columns to leave out where the terminal is narrow, first to last
	Most  int    // rows to show; the others are counted below; 0: all

	out   *Output
	heads []string
	rows  [][]string
}

// NewTable begins a table. Columns are only ever appended: scripts count on their
// order.
func (o *Output) NewTable(heads ...string) *Table {
	return &Table{out: o, heads: heads}
}

// Row adds a row; an empty cell is unknown.
func (t *Table) Row(cells ...string) { t.rows = append(t.rows, cells) }

// Print writes the whole table at once. A table without rows is nothing in a pipe.
func (t *Table) Print(ctx context.Context) error {
	var b strings.Builder
	if t.out.Stream.Terminal {
		t.aligned(&b)
	} else {
		t.separated(&b)
	}
	return t.out.Text(ctx, b.String())
}

func (t *Table) separated(b *strings.Builder) {
	for _, row := range t.rows {
		for i, cell := range row {
			if i > 0 {
				b.WriteByte('\t')
			}
			b.WriteString(Field(cell))
		}
		b.WriteByte('\n')
	}
}

func (t *Table) aligned(b *strings.Builder) {
	shown := t.shown()
	if t.Most > 0 && len(shown) > t.Most {
		shown = shown[:t.Most]
	}
	widths := t.fit(widest(t.heads, shown), t.out.Stream.Columns())
	writeRow(b, t.heads, widths, t.out.Style.Head)
	screenful := max(t.out.Stream.Lines()-2, 5)
	for i, row := range shown {
		if i > 0 && i%screenful == 0 {
			writeRow(b, t.heads, widths, t.out.Style.Head)
		}
		writeRow(b, row, widths, func(s string) string { return s })
	}
	for _, line := range Wrap(t.remark(widths), t.out.Stream.Columns()) {
		if line != "" {
			b.WriteString(t.out.Style.Faint(line) + "\n")
		}
	}
}

// shown gives the cells as people see them.
func (t *Table) shown() [][]string {
	shown := make([][]string, len(t.rows))
	for r, row := range t.rows {
		shown[r] = make([]string, len(row))
		for i, cell := range row {
			shown[r][i] = EscapeControls(cmp.Or(cell, "-"))
		}
	}
	return shown
}

// remark is the text below the rows: the note, and which columns are missing.
func (t *Table) remark(widths []int) string {
	var missing []string
	for i, width := range widths {
		if width == 0 {
			missing = append(missing, t.heads[i])
		}
	}
	note := t.Note
	if more := len(t.rows) - t.Most; t.Most > 0 && more > 0 {
		note = fmt.Sprintf("… and %d more. %s", more, note)
	}
	if missing == nil {
		return note
	}
	return strings.TrimSpace(note + " No room here for: " + strings.Join(missing, ", ") + ".")
}

// widest gives the width of each column.
func widest(heads []string, rows [][]string) []int {
	widths := make([]int, len(heads))
	for _, row := range append([][]string{heads}, rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], Width(cell))
		}
	}
	return widths
}

const (
	columnGap   = 2
	shortenedTo = 12 // what is left of a long cell before a column is given up
	leastColumn = 6  // narrower, a cell says nothing
)

// fit makes the table fit the terminal: it cuts long cells, then leaves columns out,
// whose width is 0 then, and cuts everything at last.
func (t *Table) fit(widths []int, terminal int) []int {
	left := slices.Clone(widths)
	for i := 0; ; i++ {
		narrowed := narrow(left, terminal, t.Long, shortenedTo)
		if i == len(t.Spare) || total(narrowed) <= terminal {
			break
		}
		left[t.Spare[i]] = 0
	}
	left = narrow(left, terminal, t.Long, shortenedTo)
	left = narrow(left, terminal, t.Long, leastColumn) // before others lose what they say
	every := make([]int, len(left))
	for i := range every {
		every[i] = i
	}
	return narrow(left, terminal, every, leastColumn)
}

// narrow takes width from the widest of the columns, which keep least, until all fit.
func narrow(widths []int, terminal int, columns []int, least int) []int {
	widths = slices.Clone(widths)
	for over := total(widths) - terminal; over > 0; over-- {
		at := -1
		for _, i := range columns {
			if widths[i] > least && (at < 0 || widths[i] > widths[at]) {
				at = i
			}
		}
		if at < 0 {
			break
		}
		widths[at]--
	}
	return widths
}

// total is the width of a row.
func total(widths []int) int {
	sum := -columnGap
	for _, width := range widths {
		if width > 0 {
			sum += width + columnGap
		}
	}
	return sum
}

// writeRow cuts cells to their widths and pads all but the last. Style adds no width.
func writeRow(b *strings.Builder, cells []string, widths []int, style func(string) string) {
	gap := 0
	for i, cell := range cells {
		if widths[i] == 0 {
			continue
		}
		cell = Clip(cell, widths[i])
		b.WriteString(strings.Repeat(" ", gap) + style(cell))
		gap = widths[i] - Width(cell) + columnGap
	}
	b.WriteByte('\n')
}
