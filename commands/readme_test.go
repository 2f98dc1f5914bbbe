//go:build unix

package commands_test

// The README's commands are run. Blocks marked `sh` must end with 0 on the mock of
// either service, and a block marked `console` must print what it shows. Of the
// blocks marked `shell`, those on installing are run too. The others need a real
// account, a browser or a minute, and are only read by a shell.

import (
	"bytes"
	"errors"
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
	port        = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	timestamp   = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)
)

func TestReadme(t *testing.T) {
	t.Parallel()
	bin := buildProgram(t)
	run := 0
	for _, block := range fencedBlock.FindAllStringSubmatch(readReadme(t), -1) {
		kind, text := block[1], block[2]
		switch kind {
		case "sh":
			for _, service := range []string{"spm", "zyte-api"} {
				t.Run(fmt.Sprint(service, run), func(t *testing.T) {
					t.Parallel()
					if out, err := onMock(t, bin, t.TempDir(), service, text); err != nil {
						t.Errorf("%v\n%s\n%s", err, text, out)
					}
				})
			}
			run++
		case "console":
			t.Run("transcript", func(t *testing.T) {
				t.Parallel()
				checkTranscript(t, bin, text)
			})
			run++
		case "shell":
			checkSyntax(t, text)
		}
	}
	if run < 14 {
		t.Errorf("only %d blocks of the README were run", run)
	}
}

func readReadme(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(readme)
}

func checkSyntax(t *testing.T, script string) {
	t.Helper()
	shell := exec.CommandContext(t.Context(), "sh", "-n", "-c", script)
	if out, err := shell.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s\n%s", err, script, out)
	}
}

// What "Install" says is done in that order, in a home with a release in it: the last
// block, which uninstalls, leaves nothing.
func TestReadmeInstall(t *testing.T) {
	t.Parallel()
	bin, home := buildProgram(t), t.TempDir()
	_, section, _ := strings.Cut(readReadme(t), "\n## Install\n")
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := fencedBlock.FindAllStringSubmatch(section, -1)
	const files = "(cd; find . -type f ! -path './release/*' | sort) >~/release/"
	script := "cd ~/release; PATH=$PWD/bin:$PATH; sha256sum smp-* >SHA256SUMS\n"
	for i, block := range blocks {
		if i == len(blocks)-1 {
			script += files + "before\n"
		}
		script += block[2]
	}
	script += files + "after\n"
	for name, text := range map[string]string{"smp-linux-amd64": "exec smp \"$@\"\n", "bin/docker": ""} {
		path := filepath.Join(home, "release", name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700)); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := onMock(t, bin, home, "spm", script); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	installed := readFile(t, filepath.Join(home, "release", "before"))
	for _, name := range []string{".local/bin/smp", "man1/smp.1", "completions/smp", "_smp", "smp.fish"} {
		if !strings.Contains(installed, name+"\n") {
			t.Errorf("%s was not installed:\n%s", name, installed)
		}
	}
	if left := readFile(t, filepath.Join(home, "release", "after")); left != "" {
		t.Errorf("what is left after uninstalling:\n%s", left)
	}
}

// Every command is in the README, and every link within it leads somewhere.
func TestReadmeIsWhole(t *testing.T) {
	t.Parallel()
	bin, readme := buildProgram(t), readReadme(t)
	help, err := exec.CommandContext(t.Context(), filepath.Join(bin, programName()), "help").Output()
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(help), "Commands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	for _, command := range regexp.MustCompile(`(?m)^  (\S+(?: \S+)?)  `).FindAllStringSubmatch(list, -1) {
		if name := command[1]; name != "help" && !strings.Contains(readme, "| `smp "+name) {
			t.Errorf("the table of commands lacks smp %s", name)
		}
	}
	anchors := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(readme, -1) {
		anchors[regexp.MustCompile(`[^\p{L}\p{N} -]`).ReplaceAllString(strings.ToLower(heading[1]), "")] = true
	}
	for _, link := range regexp.MustCompile(`\]\((#?)([^):]+)\)`).FindAllStringSubmatch(readme, -1) {
		switch target := link[2]; {
		case link[1] == "#" && !anchors[strings.ReplaceAll(target, "-", " ")]:
			t.Errorf("there is no heading for #%s", target)
		case link[1] == "":
			if _, err := os.Stat(filepath.Join("..", target)); err != nil {
				t.Error(err)
			}
		}
	}
}

// onMock runs a script as a reader would who pastes it into a shell. What it sends
// too early fails it. Too early is by half a delay: a busy machine is easily late by
// the 4 ms that a judge at this scale forgives.
func onMock(t *testing.T, bin, dir, service, script string) (string, error) {
	t.Helper()
	return inShell(t, bin, dir, filepath.Join(bin, programName()), "mock", "--service", service, "--time-scale", "60", "--tolerance", "0.1", "--check", "--", "sh", "-eu", "-c", script)
}

// inShell runs a program that knows of smp and has a home of its own.
func inShell(t *testing.T, bin, dir, program string, args ...string) (string, error) {
	t.Helper()
	shell := exec.CommandContext(t.Context(), program, args...)
	shell.Dir = dir
	shell.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + shell.Dir}
	var out bytes.Buffer
	shell.Stdout, shell.Stderr = &out, &out
	err := shell.Run()
	return out.String(), err
}

// checkTranscript types the commands of a transcript and compares what it sees.
// Times of day and ports differ.
func checkTranscript(t *testing.T, bin, want string) {
	t.Helper()
	script := "exec 2>&1\ntrap '[ -z \"$SMP_MOCK_PID\" ] || kill $SMP_MOCK_PID' EXIT\n"
	for line := range strings.Lines(want) {
		if command, typed := strings.CutPrefix(line, "$ "); typed {
			script += "status=$?\nprintf '$ %s\\n' " + quoted(strings.TrimSuffix(command, "\n")) + "\n(exit $status)\n" + command
		}
	}
	got, err := inShell(t, bin, t.TempDir(), "sh", "-c", script)
	if err != nil {
		t.Error(err)
	}
	if plain(got) != plain(want) {
		t.Errorf("the transcript is\n%s\nand the program prints\n%s", want, got)
	}
}

func plain(s string) string {
	return port.ReplaceAllString(timestamp.ReplaceAllString(s, "TIME"), "127.0.0.1:PORT")
}

// quoted makes one word of s for a shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
