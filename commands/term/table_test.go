package term

import "testing"

func TestTable(t *testing.T) {
	t.Parallel()
	fill := func(o *Output) error {
		table := o.NewTable("ID", "NAME", "LAST USED")
		table.Note = "an estimate"
		table.Row("7", "größe", "")
		table.Row("1234", "a\tb", "x\x1b[2J")
		return table.Print(t.Context())
	}
	for name, tt := range map[string]struct {
		terminal bool
		env      []string
		want     string
	}{
		"pipe":             {false, nil, "7\tgröße\t-\n1234\ta b\tx [2J\n"},
		"pipe, forced":     {false, []string{"CLICOLOR_FORCE=1"}, "7\tgröße\t-\n1234\ta b\tx [2J\n"},
		"colourless":       {true, []string{"NO_COLOR=1"}, "ID    NAME    LAST USED\n7     größe   -\n1234  a\\x09b  x\\x1b[2J\nan estimate\n"},
		"coloured heading": {true, nil, "\x1b[1mID\x1b[0m    \x1b[1mNAME\x1b[0m    \x1b[1mLAST USED\x1b[0m\n7     größe   -\n1234  a\\x09b  x\\x1b[2J\n\x1b[2man estimate\x1b[0m\n"},
	} {
		out, text := outputTo(Stream{Terminal: tt.terminal}, tt.env...)
		if err := fill(out); err != nil || text.String() != tt.want {
			t.Errorf("%s: %v\ngot  %q\nwant %q", name, err, text, tt.want)
		}
	}
}

func TestTableFitsTheTerminal(t *testing.T) {
	t.Parallel()
	for columns, want := range map[int]string{
		80: "ID                    NAME\nabcdefghijklmnopqrst  日本語のセッション\n",
		30: "ID              NAME\nabcdefghijklm…  日本語のセッ…\n",
		5:  "ID      NAME\nabcde…  日本…\n",
	} {
		out, text := outputTo(Stream{Terminal: true, Width: func() int { return columns }}, "NO_COLOR=1")
		table := out.NewTable("ID", "NAME")
		table.Row("abcdefghijklmnopqrst", "日本語のセッション")
		if err := table.Print(t.Context()); err != nil || text.String() != want {
			t.Errorf("%d columns: %v\ngot  %q\nwant %q", columns, err, text, want)
		}
	}
}

// Where the terminal is narrow, long cells are cut, then columns are left out, and
// at last everything is cut.
func TestTableGivesUpColumns(t *testing.T) {
	t.Parallel()
	for columns, want := range map[int]string{
		60: "ID                    IP           COUNT  USED\n" +
			"abcdefghijklmnopqrst  203.0.113.9  7      3 min ago\nthe note\n",
		45: "ID              IP           COUNT  USED\n" +
			"abcdefghijklm…  203.0.113.9  7      3 min ago\nthe note\n",
		40: "ID                IP           USED\n" +
			"abcdefghijklmno…  203.0.113.9  3 min ago\nthe note No room here for: COUNT.\n",
		25: "ID            IP\nabcdefghijk…  203.0.113.9\nthe note No room here\nfor: COUNT, USED.\n",
		14: "ID      IP\nabcde…  203.0…\nthe note No\nroom here for:\nCOUNT, USED.\n",
	} {
		out, text := outputTo(Stream{Terminal: true, Width: func() int { return columns }}, "NO_COLOR=1")
		table := out.NewTable("ID", "IP", "COUNT", "USED")
		table.Note, table.Long, table.Spare = "the note", []int{0}, []int{2, 3}
		table.Row("abcdefghijklmnopqrst", "203.0.113.9", "7", "3 min ago")
		if err := table.Print(t.Context()); err != nil || text.String() != want {
			t.Errorf("%d columns: %v\ngot\n%s\nwant\n%s", columns, err, text, want)
		}
	}
}

func TestEmptyTableIsNothingInAPipe(t *testing.T) {
	t.Parallel()
	out, text := outputTo(Stream{})
	if err := out.NewTable("ID").Print(t.Context()); err != nil || text.Len() > 0 {
		t.Errorf("got %q, %v", text, err)
	}
}
