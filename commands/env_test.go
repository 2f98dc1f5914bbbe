package commands

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"smp/commands/term"
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
		Stdout:  term.Stream{Writer: f.out},
		Stderr:  term.Stream{Writer: f.err},
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

// memoryDir is t.TempDir, in memory where the system has files there: thousands of
// small directories take most of a disk's time.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "smp-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
