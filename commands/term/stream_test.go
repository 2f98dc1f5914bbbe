package term

import "testing"

func TestColumns(t *testing.T) {
	t.Parallel()
	for width, want := range map[int]int{0: 80, 40: 40, 200: 200} {
		if got := (Stream{Width: func() int { return width }}).Columns(); got != want {
			t.Errorf("a terminal of %d columns: got %d", width, got)
		}
	}
	if got := (Stream{}).Columns(); got != 80 {
		t.Errorf("no terminal: got %d", got)
	}
}
