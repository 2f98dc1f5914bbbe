package term

import (
	"strings"
	"testing"
)

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
		s := newStyles(Stream{Terminal: tt.terminal}, lookup(strings.Fields(tt.env)...))
		if s.color != tt.color || s.cursor != tt.cursor {
			t.Errorf("terminal %v, %q: colour %v, cursor %v", tt.terminal, tt.env, s.color, s.cursor)
		}
		if colored := strings.Contains(s.Bad("x"), "\x1b"); colored != tt.color {
			t.Errorf("terminal %v, %q: wrote %q", tt.terminal, tt.env, s.Bad("x"))
		}
	}
}
