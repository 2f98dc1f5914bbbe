package commands

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// startInBackground starts this program again as a mock that stays, waits until
// it is ready, and prints its variables. The mock keeps nothing of the caller's
// open, because `eval "$(smp mock --background)"` waits for the end of stdout.
func (o *mockOptions) startInBackground(ctx context.Context) error {
	said, err := os.CreateTemp("", "smp-mock-") // a pipe would kill the mock once nobody reads it
	if err != nil {
		return err
	}
	defer os.Remove(said.Name())
	defer said.Close()
	cmd, out, err := o.startDetached(said)
	if err != nil {
		return fmt.Errorf("starting the mock in the background: %w", err)
	}
	defer out.Close()
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	lines, ready := readExports(out)
	stop()
	if !ready {
		_ = cmd.Wait()
	}
	if err := repeat(o.env.Stderr, said); err != nil {
		return err
	}
	if !ready {
		return &exitError{code: max(1, endCode(cmd.ProcessState))}
	}
	pid := variable{"SMP_MOCK_PID", strconv.Itoa(cmd.Process.Pid)}
	_, err = io.WriteString(o.out, lines+exports([]variable{pid}))
	return errors.Join(err, cmd.Process.Release())
}

// startDetached starts the mock that stays. It prints its variables to out, and
// everything else to said.
func (o *mockOptions) startDetached(said *os.File) (cmd *exec.Cmd, out io.ReadCloser, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	cmd = exec.Command(self, append([]string{"mock"}, o.backgroundFlags()...)...)
	cmd.Env = withoutSettings(o.env.Environ()) // it outlives its caller, whose key it must not have
	cmd.Stderr = said
	cmd.SysProcAttr = detached()
	if out, err = cmd.StdoutPipe(); err != nil {
		return nil, nil, err
	}
	return cmd, out, cmd.Start()
}

func (o *mockOptions) backgroundFlags() []string {
	flags := o.given
	if o.shared.quiet {
		flags = append(flags, "--quiet")
	}
	if o.shared.silent {
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
