package commands_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"smp/commands"
)

// programDir is where the program is built for the tests that run it.
var programDir string

func TestMain(m *testing.M) {
	if signal.Ignored(syscall.SIGHUP) { // as nohup has it, and programs that are started inherit it
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	var err error
	if programDir, err = os.MkdirTemp("", "smp-test-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(programDir)
	os.Exit(code)
}

// buildProgram builds smp, once and as these tests were built, and returns its
// directory.
func buildProgram(t *testing.T) string {
	t.Helper()
	if err := buildOnce(); err != nil {
		t.Fatal(err)
	}
	return programDir
}

var buildOnce = sync.OnceValue(func() error {
	args := []string{"build", "-o", filepath.Join(programDir, programName()), "-tags", "urfave_cli_no_docs"}
	if commands.RaceEnabled {
		args = append(args, "-race")
	}
	if testing.CoverMode() != "" {
		args = append(args, "-cover", "-coverpkg", "smp/...")
	}
	if out, err := exec.Command("go", append(args, "smp")...).CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
})

// buildGet builds, once, a client that knows nothing of smp.
var buildGet = sync.OnceValue(func() error {
	out, err := exec.Command("go", "build", "-o", filepath.Join(programDir, "get"+filepath.Ext(programName())), filepath.Join("..", "testdata", "get")).CombinedOutput()
	if err != nil {
		return fmt.Errorf("building testdata/get: %w\n%s", err, out)
	}
	return nil
})

func programName() string {
	if runtime.GOOS == "windows" {
		return "smp.exe"
	}
	return "smp"
}
