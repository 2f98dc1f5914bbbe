package cli

import "testing"

func TestRoffText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"--flag":   `\-\-flag`,
		".dot":     `\&.dot`,
		"'quoted'": `\&\(aqquoted\(aq`,
		`a\b`:      `a\eb`,
		"ARG…":     "ARG...",
		"→ ü":      `\[u2192] \[u00FC]`,
		"plain":    "plain",
	} {
		if got := roffText(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if got := roffQuote(`say "x"`); got != `"say \(dqx\(dq"` {
		t.Errorf("got %s", got)
	}
}
