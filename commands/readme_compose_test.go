package commands_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// composeFile is what of a compose file the README's uses.
type composeFile struct {
	Services map[string]struct {
		Image       string    `yaml:"image"`
		Environment yaml.Node `yaml:"environment"`
		Command     []string  `yaml:"command"`
		Volumes     []string  `yaml:"volumes"`
		DependsOn   []string  `yaml:"depends_on"`
	} `yaml:"services"`
	Volumes map[string]any `yaml:"volumes"`
	Shared  any            `yaml:"x-crawler"`
}

// The README's compose file is one: nothing in it is unknown, what it names is there,
// and smp takes its commands.
func TestReadmeCompose(t *testing.T) {
	t.Parallel()
	bin := buildProgram(t)
	_, text, found := strings.Cut(readFile(t, filepath.Join("..", "README.md")), "\n```yaml\n")
	text, _, closed := strings.Cut(text, "```\n")
	if !found || !closed {
		t.Fatal("the README has no compose file")
	}
	var file composeFile
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	tried := 0
	for name, service := range file.Services {
		for _, other := range service.DependsOn {
			if _, ok := file.Services[other]; !ok {
				t.Errorf("%s depends on %s, which is no service", name, other)
			}
		}
		for _, mounted := range service.Volumes {
			source, _, _ := strings.Cut(mounted, ":")
			if _, ok := file.Volumes[source]; !ok && !strings.HasPrefix(source, "./") {
				t.Errorf("%s mounts %s, which is no volume", name, source)
			}
		}
		if service.Image == "smp" {
			tried++
			planCompose(t, bin, service.Command)
		}
	}
	if tried < 2 {
		t.Errorf("%d services run smp", tried)
	}
}

// planCompose has a batch of the compose file say what it would do.
func planCompose(t *testing.T, bin string, args []string) {
	t.Helper()
	data := t.TempDir()
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "/data", data)
	}
	if err := os.WriteFile(args[len(args)-1], []byte("https://shop.example/\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	plan := exec.CommandContext(t.Context(), filepath.Join(bin, programName()), append(args, "--dry-run")...)
	plan.Env = []string{"HOME=" + data}
	if out, err := plan.CombinedOutput(); err != nil {
		t.Errorf("smp %q: %v\n%s", args, err, out)
	}
}
