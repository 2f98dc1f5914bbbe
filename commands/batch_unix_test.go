//go:build unix

package commands

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// Before anything is fetched a signal ends a batch too: while it waits for whoever
// writes a pipe, and while it counts the lines. There is nothing to sum up then.
func TestSignalEndsABatchBeforeItBegins(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancelCause(t.Context())
	stop(&SignalError{Signal: syscall.SIGTERM})
	for _, args := range [][]string{
		{"DIR/unwritten"},
		{"-d", "@DIR/unwritten", "DIR/list"},
		{"--dry-run", "DIR/open"},
		{"--dry-run", "DIR/list"},
		{"--output-dir", "DIR/pages", "DIR/list"},
		{"DIR/list"},
	} {
		dir := t.TempDir()
		for _, pipe := range []string{"unwritten", "open"} {
			if err := unix.Mkfifo(filepath.Join(dir, pipe), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		silent, err := os.OpenFile(filepath.Join(dir, "open"), os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { silent.Close() })
		if err := os.WriteFile(filepath.Join(dir, "list"), []byte(strings.Repeat("http://shop.test/\n", 100)), 0o600); err != nil {
			t.Fatal(err)
		}
		for i := range args {
			args[i] = strings.ReplaceAll(args[i], "DIR", dir)
		}
		env := testEnv(t, "SMP_API_KEY=a-key", "SMP_ENDPOINT=http://127.0.0.1:9", "SMP_STATE_DIR="+filepath.Join(dir, "state"))
		code := Main(ctx, append([]string{"batch"}, args...), env.Env)
		if code != exitSignal+int(syscall.SIGTERM) || env.out.Len()+env.err.Len() > 0 {
			t.Errorf("%s: exit code %d, printed %q", args, code, env.out.String()+env.err.String())
		}
	}
}
