package cli

import "testing"

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"list", "list", 0},
		{"lst", "list", 1},
		{"lits", "list", 1},
		{"fail", "mail", 1},
		{"kitten", "sitting", 3},
	} {
		if got := distance(tt.a, tt.b); got != tt.want {
			t.Errorf("%q to %q: got %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if distance(tt.a, tt.b) != distance(tt.b, tt.a) {
			t.Errorf("%q and %q: not the same both ways", tt.a, tt.b)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"session", "json", "mine", "local"}
	for word, want := range map[string]string{
		"sesion": "session", "sessions": "session", "jsno": "json", "min": "mine", "lcoal": "local",
		"xyz": "", "": "", "key": "", "locally": "", "sess": "", "ses": "", "endpoint": "", "session": "", "jsn": "json", "js": "",
	} {
		if got := Nearest(word, names); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
