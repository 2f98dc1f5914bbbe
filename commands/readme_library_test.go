package commands_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The README's Go program is a test in a module of its own, which finds this one by
// the replace directive that the README tells of.
func TestReadmeLibrary(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":       "module example.com/shop\n\ngo 1.26\n",
		"go.sum":       readFile(t, filepath.Join(root, "go.sum")),
		"shop_test.go": libraryProgram(t, readFile(t, filepath.Join(root, "README.md"))),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"mod", "edit", "-require", "smp@v0.0.0", "-replace", "smp=" + root},
		{"test", "-mod=mod", "./..."},
	} {
		tool := exec.CommandContext(t.Context(), "go", args...)
		tool.Dir, tool.Env = dir, append(os.Environ(), "GOPROXY=off", "GOWORK=off")
		if out, err := tool.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// libraryProgram is the README's one Go block.
func libraryProgram(t *testing.T, readme string) string {
	t.Helper()
	_, after, found := strings.Cut(readme, "\n```go\n")
	text, _, closed := strings.Cut(after, "\n```\n")
	if !found || !closed {
		t.Fatal("the README has no Go program")
	}
	return text + "\n"
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
