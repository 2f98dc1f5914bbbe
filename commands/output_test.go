package commands

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	t.Parallel()
	fill := func(o *output) error {
		table := o.newTable("ID", "NAME", "LAST USED")
		table.note = "an estimate"
		table.row("7", "größe", "")
		table.row("1234", "a\tb", "x\x1b[2J")
		return table.print()
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
		env := testEnv(t, tt.env...)
		env.Stdout.Terminal = tt.terminal
		if err := fill(newOutput(env.Env, func() {})); err != nil || env.out.String() != tt.want {
			t.Errorf("%s: %v\ngot  %q\nwant %q", name, err, env.out, tt.want)
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
		env := testEnv(t, "NO_COLOR=1")
		env.Stdout.Terminal, env.Stdout.Width = true, func() int { return columns }
		table := newOutput(env.Env, func() {}).newTable("ID", "NAME")
		table.row("abcdefghijklmnopqrst", "日本語のセッション")
		if err := table.print(); err != nil || env.out.String() != want {
			t.Errorf("%d columns: %v\ngot  %q\nwant %q", columns, err, env.out, want)
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
		env := testEnv(t, "NO_COLOR=1")
		env.Stdout.Terminal, env.Stdout.Width = true, func() int { return columns }
		table := newOutput(env.Env, func() {}).newTable("ID", "IP", "COUNT", "USED")
		table.note, table.long, table.spare = "the note", []int{0}, []int{2, 3}
		table.row("abcdefghijklmnopqrst", "203.0.113.9", "7", "3 min ago")
		if err := table.print(); err != nil || env.out.String() != want {
			t.Errorf("%d columns: %v\ngot\n%s\nwant\n%s", columns, err, env.out, want)
		}
	}
}

func TestEmptyTableIsNothingInAPipe(t *testing.T) {
	t.Parallel()
	env := testEnv(t)
	if err := newOutput(env.Env, func() {}).newTable("ID").print(); err != nil || env.out.Len() > 0 {
		t.Errorf("got %q, %v", env.out, err)
	}
}

func TestWriteErrorsAreTheOutputs(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	r.Close()
	o := newOutput(Env{Stdout: Stream{Writer: w}}, func() {})
	if _, ok := errors.AsType[*outputError](o.line("x")); !ok {
		t.Error("a failure to write stdout is not told as such")
	}
}

func TestStyles(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		terminal      bool
		env           string
		color, cursor bool
	}{
		{true, "", true, true},
		{false, "", false, false},
		{true, "NO_COLOR=1", false, true},
		{true, "NO_COLOR=", true, true},
		{true, "TERM=dumb", false, false},
		{true, "CLICOLOR=0", false, true},
		{false, "CLICOLOR_FORCE=1", true, false},
		{false, "CLICOLOR_FORCE=0", false, false},
		{false, "CLICOLOR_FORCE=1 NO_COLOR=1", false, false},
		{true, "CLICOLOR_FORCE=1 TERM=dumb", true, false},
	} {
		env := testEnv(t, strings.Fields(tt.env)...)
		s := newStyles(Stream{Terminal: tt.terminal}, env.Env)
		if s.color != tt.color || s.cursor != tt.cursor {
			t.Errorf("terminal %v, %q: colour %v, cursor %v", tt.terminal, tt.env, s.color, s.cursor)
		}
		if colored := strings.Contains(s.bad("x"), "\x1b"); colored != tt.color {
			t.Errorf("terminal %v, %q: wrote %q", tt.terminal, tt.env, s.bad("x"))
		}
	}
}

func TestClip(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		s     string
		width int
		want  string
	}{{"short", 10, "short"}, {"exactly", 7, "exactly"}, {"too long", 5, "too …"}, {"größen", 4, "grö…"}, {"x", 0, "x"}} {
		if got := clip(tt.s, tt.width); got != tt.want {
			t.Errorf("%q to %d: got %q, want %q", tt.s, tt.width, got, tt.want)
		}
	}
}
