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

	"smp/client/spell"
	"smp/commands/cli"
)

// background is a server of this program that stays when its caller has returned: one
// for the life of a shell.
type background struct {
	app       *app
	command   string   // "mock", "relay"
	flags     []string // as given to the caller, --background aside
	environ   []string // of the server
	variables []string // names of those that it prints when it is ready, in this order
}

// remember makes the flags of a command keep how they were given, except the one that
// would have the server in the background start another one there.
func remember(c *cli.Command, given *[]string) {
	for _, flags := range [][]cli.Flag{c.Flags, c.Shared} {
		for i := range flags {
			name, set := flags[i].Name, flags[i].Set
			if name == "background" {
				continue
			}
			flags[i].Set = func(value string) error {
				*given = append(*given, "--"+name+"="+value)
				return set(value)
			}
		}
	}
}

// pidVariable names the server's process in the shell that started it.
func (b *background) pidVariable() string { return "SMP_" + strings.ToUpper(b.command) + "_PID" }

// start starts this program again as a server that stays, waits until it is ready, and
// prints its variables, which it returns too. The server keeps nothing of the caller's open, because
// `eval "$(smp mock --background)"` waits for the end of stdout.
func (b *background) start(ctx context.Context) (printed string, err error) {
	if pid, running := b.running(); running {
		return "", cli.Usagef("a %s that this shell started is running: %s is %d", b.command, b.pidVariable(), pid).
			Hint(`eval "$(smp %s --stop)"`, b.command)
	}
	stderrFile, err := os.CreateTemp("", "smp-"+b.command+"-") // a pipe would kill the server once nobody reads it
	if err != nil {
		return "", err
	}
	defer os.Remove(stderrFile.Name())
	defer stderrFile.Close()
	cmd, out, err := b.startDetached(stderrFile)
	if err != nil {
		return "", fmt.Errorf("starting the %s in the background: %w", b.command, err)
	}
	defer out.Close()
	defer func() {
		if err != nil { // nobody was told its process ID
			endProcess(cmd.Process)
			_ = cmd.Wait()
		}
	}()
	stop := context.AfterFunc(ctx, func() { endProcess(cmd.Process) })
	lines, ready := readExports(out, b.variables[len(b.variables)-1])
	switch {
	case !stop():
		return "", context.Cause(ctx)
	case !ready:
		_ = cmd.Wait()
	}
	if err := repeat(b.app.env.Stderr, stderrFile); err != nil {
		return "", err
	}
	if !ready {
		return "", &exitError{code: max(1, endCode(cmd.ProcessState))}
	}
	pid := variable{b.pidVariable(), strconv.Itoa(cmd.Process.Pid)}
	if err := b.app.out.Text(ctx, lines+exports([]variable{pid})); err != nil {
		return "", err
	}
	return lines, cmd.Process.Release()
}

// endLimit is how long a server may take to remove what it put on disk.
const endLimit = time.Second

// endProcess asks a process to end, and insists after a while. Where there is no
// way to ask it insists at once.
func endProcess(p *os.Process) {
	if p.Signal(syscall.SIGTERM) != nil {
		_ = p.Kill()
	}
	time.AfterFunc(endLimit, func() { _ = p.Kill() })
}

// startDetached starts the server that stays. It prints its variables to out, and
// everything else to stderrFile.
func (b *background) startDetached(stderrFile *os.File) (cmd *exec.Cmd, out io.ReadCloser, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	withholdDescriptors(b.flags)
	cmd = exec.Command(self, append([]string{b.command}, b.flags...)...)
	cmd.Env = b.environ
	cmd.Stderr = stderrFile
	cmd.SysProcAttr = detached()
	if out, err = cmd.StdoutPipe(); err != nil {
		return nil, nil, err
	}
	return cmd, out, cmd.Start()
}

// readExports reads the variables of a server up to the last one.
func readExports(r io.Reader, last string) (lines string, complete bool) {
	var b strings.Builder
	scanner := bufio.NewScanner(r)
	for scanner.Scan() {
		b.WriteString(scanner.Text() + "\n")
		if strings.HasPrefix(scanner.Text(), "export "+last+"=") {
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

const (
	stopLimit = 12 * time.Second // a relay may take ten to finish what is under way
	stopPause = 20 * time.Millisecond
)

// stop ends the server that this shell started, waits for its end, and prints what
// unsets its variables. One that has ended by itself is no failure.
func (b *background) stop(ctx context.Context) error {
	if b.app.env.lookup(b.pidVariable()) == "" {
		return cli.Usagef("%s is not set: this shell has started no %s in the background", b.pidVariable(), b.command).
			Hint(`eval "$(smp %s --background)"`, b.command)
	}
	pid, running := b.running()
	if !running {
		b.app.messages.Info("the %s has ended already", b.command)
	} else if err := b.end(ctx, pid); err != nil {
		return err
	}
	return b.app.out.Text(ctx, "unset "+strings.Join(b.variables, " ")+" "+b.pidVariable()+"\n")
}

func (b *background) end(ctx context.Context, pid int) error {
	p, err := os.FindProcess(pid)
	if err == nil && p.Signal(syscall.SIGTERM) != nil {
		err = p.Kill()
	}
	if err != nil {
		return fmt.Errorf("stopping the %s, process %d: %w", b.command, pid, err)
	}
	limit := time.NewTimer(stopLimit)
	defer limit.Stop()
	for {
		if _, running := b.running(); !running {
			return nil
		}
		select {
		case <-time.After(stopPause):
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-limit.C:
			return fmt.Errorf("the %s, process %d, has not ended within %s", b.command, pid, spell.Duration(stopLimit))
		}
	}
}

// running gives the process that the shell's variable names, if it still is the server.
func (b *background) running() (pid int, running bool) {
	pid, err := strconv.Atoi(b.app.env.lookup(b.pidVariable()))
	return pid, err == nil && pid > 1 && runsCommand(pid, b.command)
}
