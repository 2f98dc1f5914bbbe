package ledger

import (
	"slices"
	"testing"
)

func TestIDsAreOrderedByTheirValue(t *testing.T) {
	t.Parallel()
	want := []string{"0", "1", "9", "10", "007800", "10000000000000000000000", "10a", "A", "b"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, compareIDs)
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
