package commands

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// startInBackground starts this program again as a mock that stays, waits until
// it is ready, and prints its variables. The mock keeps nothing of the caller's
// open, because `eval "$(smp mock --background)"` waits for the end of stdout.
func (o *mockOptions) startInBackground(ctx context.Context) (err error) {
	stderrFile, err := os.CreateTemp("", "smp-mock-") // a pipe would kill the mock once nobody reads it
	if err != nil {
		return err
	}
	defer os.Remove(stderrFile.Name())
	defer stderrFile.Close()
	cmd, out, err := o.startDetached(stderrFile)
	if err != nil {
		return fmt.Errorf("starting the mock in the background: %w", err)
	}
	defer out.Close()
	defer func() {
		if err != nil { // nobody was told its process ID
			endProcess(cmd.Process)
			_ = cmd.Wait()
		}
	}()
	stop := context.AfterFunc(ctx, func() { endProcess(cmd.Process) })
	lines, ready := readExports(out)
	switch {
	case !stop():
		return context.Cause(ctx)
	case !ready:
		_ = cmd.Wait()
	}
	if err := repeat(o.app.env.Stderr, stderrFile); err != nil {
		return err
	}
	if !ready {
		return &exitError{code: max(1, endCode(cmd.ProcessState))}
	}
	pid := variable{"SMP_MOCK_PID", strconv.Itoa(cmd.Process.Pid)}
	if err := o.app.out.Text(ctx, lines+exports([]variable{pid})); err != nil {
		return err
	}
	return cmd.Process.Release()
}

// endLimit is how long a mock may take to remove what it put on disk.
const endLimit = time.Second

// endProcess asks a process to end, and insists after a while. Where there is no
// way to ask it insists at once.
func endProcess(p *os.Process) {
	if p.Signal(syscall.SIGTERM) != nil {
		_ = p.Kill()
	}
	time.AfterFunc(endLimit, func() { _ = p.Kill() })
}

// startDetached starts the mock that stays. It prints its variables to out, and
// everything else to stderrFile.
func (o *mockOptions) startDetached(stderrFile *os.File) (cmd *exec.Cmd, out io.ReadCloser, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	flags := o.backgroundFlags()
	withholdDescriptors(flags)
	cmd = exec.Command(self, append([]string{"mock"}, flags...)...)
	cmd.Env = withoutSettings(o.app.env.Environ()) // it outlives its caller, whose key it must not have
	cmd.Stderr = stderrFile
	cmd.SysProcAttr = detached()
	if out, err = cmd.StdoutPipe(); err != nil {
		return nil, nil, err
	}
	return cmd, out, cmd.Start()
}

func (o *mockOptions) backgroundFlags() []string {
	flags := o.given
	if o.app.shared.quiet {
		flags = append(flags, "--quiet")
	}
	if o.app.shared.silent {
		flags = append(flags, "--silent")
	}
	return flags
}

// readExports reads the variables of a mock up to the last one.
func readExports(r io.Reader) (lines string, complete bool) {
	var b strings.Builder
	scanner := bufio.NewScanner(r)
	for scanner.Scan() {
		b.WriteString(scanner.Text() + "\n")
		if strings.HasPrefix(scanner.Text(), "export "+lastMockVariable+"=") {
			return b.String(), true
		}
	}
	return b.String(), false
}

// repeat copies a file that another process wrote.
func repeat(w io.Writer, f *os.File) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(w, f)
	return err
}
