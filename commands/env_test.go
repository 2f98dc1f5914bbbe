package commands

import (
	"bytes"
	"strings"
	"testing"
)

// fakeEnv is an environment whose streams are buffers and whose variables are a map.
type fakeEnv struct {
	Env
	out, err  *bytes.Buffer
	variables map[string]string
}

// testEnv gives an environment with a home and nothing else.
func testEnv(t *testing.T, variables ...string) *fakeEnv {
	t.Helper()
	f := &fakeEnv{out: new(bytes.Buffer), err: new(bytes.Buffer), variables: map[string]string{}}
	for _, v := range variables {
		name, value, _ := strings.Cut(v, "=")
		f.variables[name] = value
	}
	f.Env = Env{
		Stdin:   strings.NewReader(""),
		Stdout:  Stream{Writer: f.out},
		Stderr:  Stream{Writer: f.err},
		Lookup:  func(name string) string { return f.variables[name] },
		Environ: func() []string { return nil },
	}
	return f
}

// run runs a command line and gives its exit code.
func (f *fakeEnv) run(t *testing.T, args ...string) int {
	t.Helper()
	return Main(t.Context(), args, f.Env)
}

func TestColumns(t *testing.T) {
	t.Parallel()
	for width, want := range map[int]int{0: 80, 40: 40, 200: 200} {
		if got := (Stream{Width: func() int { return width }}).columns(); got != want {
			t.Errorf("a terminal of %d columns: got %d", width, got)
		}
	}
	if got := (Stream{}).columns(); got != 80 {
		t.Errorf("no terminal: got %d", got)
	}
}
