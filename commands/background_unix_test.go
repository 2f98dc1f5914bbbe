//go:build unix

package commands_test

import (
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// startedWith starts a mock in the background by a process that has w open as
// descriptor 3, and gives what that printed.
func startedWith(t *testing.T, w *os.File, flags ...string) (printed string) {
	t.Helper()
	cmd := program(t, "", append([]string{"mock", "--background", "--listen", "127.0.0.1:0"}, flags...)...)
	cmd.ExtraFiles = []*os.File{w}
	out, err := cmd.Output()
	_ = w.Close()
	if err != nil {
		t.Fatal(err)
	}
	pid := regexp.MustCompile(`SMP_MOCK_PID='?(\d+)`).FindSubmatch(out)
	if pid == nil {
		t.Fatalf("no process ID in %q", out)
	}
	number, _ := strconv.Atoi(string(pid[1]))
	t.Cleanup(func() { _ = syscall.Kill(number, syscall.SIGTERM) })
	return string(out)
}

func boundedPipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	if err := r.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return r, w
}

// Whoever reads a pipe that the caller has open sees its end while the mock runs.
func TestBackgroundMockKeepsNoDescriptor(t *testing.T) {
	t.Parallel()
	r, w := boundedPipe(t)
	startedWith(t, w)
	if text, err := io.ReadAll(r); err != nil || len(text) > 0 {
		t.Errorf("%q, %v", text, err)
	}
}

func TestBackgroundMockWritesToDescriptors(t *testing.T) {
	t.Parallel()
	r, w := boundedPipe(t)
	printed := startedWith(t, w, "--ready-file", "/dev/fd/3")
	text := make([]byte, len(printed))
	n, err := r.Read(text)
	if err != nil || n == 0 || !strings.HasPrefix(printed, string(text[:n])) {
		t.Errorf("%q, %v; printed %q", text[:n], err, printed)
	}
}
