package commands

import (
	"path/filepath"
	"slices"
	"testing"
)

func TestSetVariables(t *testing.T) {
	t.Parallel()
	environ := []string{"A=1", "SMP_B=old", "SMP_BB=2", "C", "SMP_D=x=y"}
	got := setVariables(environ, []variable{{"SMP_B", "new"}, {"SMP_D", ""}, {"SMP_E", "5"}})
	want := []string{"A=1", "SMP_BB=2", "C", "SMP_B=new", "SMP_E=5"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if environ[1] != "SMP_B=old" {
		t.Error("the environment of the process was changed")
	}
}

func TestAbsolute(t *testing.T) {
	t.Parallel()
	here, err := filepath.Abs("x")
	if err != nil {
		t.Fatal(err)
	}
	vars := []variable{{"FILE", "x"}, {"NONE", ""}, {"OTHER", "x"}}
	if err := absolute(vars, "FILE", "NONE"); err != nil {
		t.Fatal(err)
	}
	if want := []variable{{"FILE", here}, {"NONE", ""}, {"OTHER", "x"}}; !slices.Equal(vars, want) {
		t.Errorf("got %v, want %v", vars, want)
	}
}

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
