package commands

import (
	"testing"

	"smp/client/mock"
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
		known["--"+f.name] = true
		if f.group == mockGuessGroup && !named["--"+f.name] {
			t.Errorf("no row of the table names --%s", f.name)
		}
	}
	for flag := range named {
		if !known[flag] {
			t.Errorf("the table names %s, which smp mock does not have", flag)
		}
	}
}
