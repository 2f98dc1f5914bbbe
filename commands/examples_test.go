//go:build unix

package commands_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"smp/commands"
)

// exampleWorld is what the examples in help speak of: a session of which a script
// kept the ID, one with a name, a list of IDs.
const exampleWorld = `
set -eu
export SMP_STATE_DIR=$PWD/state
id=$(smp session create)
smp session create --count 2 >pool
echo 'echo "$SMP_SESSION"' >script.sh
printf 'http://example.com/get\nhttp://example.com/ip\n' >urls.txt
set -x
`

// TestExamples runs the examples of help against a mock, as far as the tools in them
// are there. Those of mock itself and of relay serve until they are stopped and are told
// by scripts of their own.
func TestExamples(t *testing.T) {
	t.Parallel()
	bin := buildProgram(t)
	examples := commands.HelpLines()
	delete(examples, "mock")
	delete(examples, "relay")
	for _, name := range slices.Sorted(maps.Keys(examples)) {
		for _, line := range examples[name] {
			if _, err := exec.LookPath("curl"); err != nil && strings.Contains(line, "curl ") {
				continue
			}
			t.Run(line, func(t *testing.T) {
				t.Parallel()
				home, world := t.TempDir(), exampleWorld
				if !strings.Contains(line, "--name") { // unless the example itself gives the name
					world += "smp session create --name shop >/dev/null\n"
				}
				line = strings.Replace(line, "--watch=5s", "--watch=100ms | head -n 1", 1) // or it would not end
				cmd := exec.Command(filepath.Join(bin, programName()), "mock", "--time-scale", "20", "--", "sh", "-c", world+line)
				cmd.Dir = home
				cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + home}
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
	}
}
