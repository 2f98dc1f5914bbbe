//go:build unix

package commands_test

// The README's commands are run: blocks marked `sh` must end with 0 on the mock, and
// a block marked `console` must print what it shows. Blocks marked `shell` are run
// by .ci/run, or start something that outlives a test.

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	fencedBlock = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")
	timestamp   = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)
)

func TestReadme(t *testing.T) {
	t.Parallel()
	bin := buildProgram(t)
	readme, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	run := 0
	for _, block := range fencedBlock.FindAllStringSubmatch(string(readme), -1) {
		kind, text := block[1], block[2]
		switch kind {
		case "sh":
			t.Run(fmt.Sprint("recipe", run), func(t *testing.T) {
				t.Parallel()
				if out, err := onMock(t, bin, text); err != nil {
					t.Errorf("%v\n%s\n%s", err, text, out)
				}
			})
			run++
		case "console":
			t.Run("transcript", func(t *testing.T) {
				t.Parallel()
				checkTranscript(t, bin, text)
			})
			run++
		}
	}
	if run < 10 {
		t.Errorf("only %d blocks of the README were run", run)
	}
}

// onMock runs a script as a reader would who pastes it into a shell.
func onMock(t *testing.T, bin, script string) (string, error) {
	t.Helper()
	shell := exec.CommandContext(t.Context(), filepath.Join(bin, programName()),
		"mock", "--time-scale", "60", "--", "sh", "-eu", "-c", script)
	shell.Dir = t.TempDir()
	shell.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + shell.Dir}
	var out bytes.Buffer
	shell.Stdout, shell.Stderr = &out, &out
	err := shell.Run()
	return out.String(), err
}

// checkTranscript types the commands of a transcript and compares what it sees.
// Times of day differ.
func checkTranscript(t *testing.T, bin, want string) {
	t.Helper()
	script := "set +e\nexec 2>&1\n"
	for line := range strings.Lines(want) {
		if command, typed := strings.CutPrefix(line, "$ "); typed {
			script += "status=$?\nprintf '$ %s\\n' " + quoted(strings.TrimSuffix(command, "\n")) + "\n(exit $status)\n" + command
		}
	}
	got, err := onMock(t, bin, script)
	if err != nil {
		t.Error(err)
	}
	if plain(got) != plain(want) {
		t.Errorf("the transcript is\n%s\nand the program prints\n%s", want, got)
	}
}

func plain(s string) string { return timestamp.ReplaceAllString(s, "TIME") }

// quoted makes one word of s for a shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
