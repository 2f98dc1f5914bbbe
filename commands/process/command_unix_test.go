//go:build !windows

package process

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestChildExitCode(t *testing.T) {
	t.Parallel()
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		args    []string
		want    int
		started bool
	}{
		{"success", []string{"true"}, 0, true},
		{"its own code", []string{"sh", "-c", "exit 42"}, 42, true},
		{"its own 127", []string{"sh", "-c", "exit 127"}, 127, true},
		{"killed by SIGTERM", []string{"sh", "-c", "kill -TERM $$"}, 143, true},
		{"killed by SIGKILL", []string{"sh", "-c", "kill -KILL $$"}, 137, true},
		{"not on PATH", []string{"there-is-no-such-command"}, 127, false},
		{"no such file", []string{"./there-is-no-such-command"}, 127, false},
		{"not executable", []string{plain}, 126, false},
		{"a directory", []string{filepath.Dir(plain)}, 126, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := (&Command{Args: tt.args}).Run()
			if got != tt.want {
				t.Errorf("exit code %d, want %d", got, tt.want)
			}
			if (err == nil) != tt.started {
				t.Errorf("error %v, started %v", err, tt.started)
			}
		})
	}
}

func TestChildGetsSignals(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("sh", "-c", "trap 'exit 3' USR1; echo ready; while :; do read line; done")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || strings.TrimSpace(line) != "ready" {
		t.Fatalf("read %q, %v", line, err)
	}
	signals, ended := make(chan os.Signal, 1), make(chan struct{})
	go forward(cmd.Process, signals, ended)
	signals <- syscall.SIGUSR1
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 3 {
		t.Errorf("COMMAND ended with %v, want the exit code of its trap", err)
	}
	close(ended)
}
