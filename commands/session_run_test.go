package commands

import (
	"testing"
)

// The file that the key is handed over by is the one that it was read from.
func TestKeyFile(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		typed     string
		variables []string
		want      string
	}{
		"none":               {"", nil, ""},
		"flag":               {"f", nil, "f"},
		"environment":        {"", []string{"SMP_API_KEY_FILE=e"}, "e"},
		"flag wins":          {"f", []string{"SMP_API_KEY_FILE=e", "SMP_API_KEY=k"}, "f"},
		"the key wins":       {"", []string{"SMP_API_KEY_FILE=e", "SMP_API_KEY=k"}, ""},
		"an empty key is no": {"", []string{"SMP_API_KEY_FILE=e", "SMP_API_KEY="}, "e"},
	} {
		a := newApp(testEnv(t, tt.variables...).Env, nil)
		a.shared.config.APIKeyFile = tt.typed
		if got := a.source().KeyFile(); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}
