package client

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestCompareIDs(t *testing.T) {
	t.Parallel()
	ids := []string{"b", "10", "9", "a", "007", "7", "99999999999999999999999"}
	slices.SortFunc(ids, CompareIDs)
	if want := []string{"007", "7", "9", "10", "99999999999999999999999", "a", "b"}; !slices.Equal(ids, want) {
		t.Errorf("got %q, want %q", ids, want)
	}
	id := rapid.StringMatching(`[0-9a-c]{1,3}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := id.Draw(t, "a"), id.Draw(t, "b"), id.Draw(t, "c")
		if CompareIDs(a, b) != -CompareIDs(b, a) || (CompareIDs(a, b) == 0) != (a == b) {
			t.Fatalf("%q and %q: no order", a, b)
		}
		if CompareIDs(a, b) < 0 && CompareIDs(b, c) < 0 && CompareIDs(a, c) >= 0 {
			t.Fatalf("%q, %q, %q: not transitive", a, b, c)
		}
	})
}
