package term

import "testing"

func TestClip(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		s     string
		width int
		want  string
	}{{"short", 10, "short"}, {"exactly", 7, "exactly"}, {"too long", 5, "too …"}, {"größen", 4, "grö…"}, {"x", 0, "x"}} {
		if got := Clip(tt.s, tt.width); got != tt.want {
			t.Errorf("%q to %d: got %q, want %q", tt.s, tt.width, got, tt.want)
		}
	}
}
