package process

import (
	"strings"
	"testing"
)

func TestReadExports(t *testing.T) {
	t.Parallel()
	whole := Exports([]Variable{{Name: "SMP_ENDPOINT", Value: "x"}, {Name: "SMP_TIME_SCALE", Value: "1"}})
	got, complete := readExports(strings.NewReader(whole+"more"), "SMP_TIME_SCALE")
	if got != whole || !complete {
		t.Errorf("read %q, %v, want what the mock printed", got, complete)
	}
	if got, complete := readExports(strings.NewReader("export SMP_ENDPOINT='x'\n"), "SMP_TIME_SCALE"); complete {
		t.Errorf("a mock that ended early counts as ready: %q", got)
	}
}
