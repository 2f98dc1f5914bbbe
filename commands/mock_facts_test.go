package commands

import (
	"strings"
	"testing"

	"smp/client/mock"
	"smp/commands/term"
)

// The mock's table of guesses names the flags that change them: all of those,
// and none that is not there.
func TestMockFactsNameFlags(t *testing.T) {
	t.Parallel()
	named := map[string]bool{}
	for _, fact := range mock.Facts() {
		named[fact.Flag] = true
	}
	known := map[string]bool{"": true}
	for _, f := range (&mockOptions{}).flags() {
		known["--"+f.Name] = true
		if f.Group == mockVariantGroup && !named["--"+f.Name] {
			t.Errorf("no row of the table names --%s", f.Name)
		}
	}
	for flag := range named {
		if !known[flag] {
			t.Errorf("the table names %s, which smp mock does not have", flag)
		}
	}
}

// To a terminal the table is told in paragraphs, of which nothing is missing.
func TestMockFactsForPeople(t *testing.T) {
	t.Parallel()
	text := factsForPeople(term.Styles{}, 60)
	for line := range strings.Lines(text) {
		if len([]rune(line)) > 61 && strings.Contains(strings.TrimSpace(line), " ") {
			t.Errorf("too long: %q", line)
		}
	}
	told := strings.Join(strings.Fields(text), " ")
	for _, f := range mock.Facts() {
		for _, part := range []string{string(f.Mark) + " " + f.Fact, mocked(f), "from: " + f.Source} {
			if !strings.Contains(told, part) {
				t.Errorf("not told: %q", part)
			}
		}
	}
}
