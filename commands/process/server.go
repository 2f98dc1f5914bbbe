package process

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
	"smp/commands/term"
)

// Server is a server of this program that stays when its caller has returned: one
// for the life of a shell.
type Server struct {
	Lookup    func(name string) string // of the shell's environment
	Out       *term.Output             // gets what the shell is to evaluate
	Messages  *term.Messages
	Stderr    io.Writer // gets what the server writes there until it is ready
	Command   string    // "mock", "relay"
	Flags     []string  // as given to the caller, --background aside
	Environ   []string  // of the server
	Variables []string  // names of those that it prints when it is ready, in this order
}

// Remember makes the flags of a command keep how they were given. It leaves out the
// one that would have the server in the background start another one there.
func Remember(c *cli.Command, given *[]string) {
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

// ExitError says that a server ended before it was ready, with that exit code. It has told
// the reason itself.
type ExitError struct{ Code int }

func (e *ExitError) Error() string { return "ended with exit code " + strconv.Itoa(e.Code) }

// pidVariable names the server's process in the shell that started it.
func (s *Server) pidVariable() string { return "SMP_" + strings.ToUpper(s.Command) + "_PID" }

// Start starts this program again as a server that stays, waits until it is ready, and
// prints its variables, which it returns too. The server keeps nothing of the caller's open, because
// `eval "$(smp mock --background)"` waits for the end of stdout.
func (s *Server) Start(ctx context.Context) (printed string, err error) {
	if pid, running := s.running(); running {
		return "", cli.Usagef("a %s that this shell started is running: %s is %d", s.Command, s.pidVariable(), pid).
			Hint(`eval "$(smp %s --stop)"`, s.Command)
	}
	stderrFile, err := os.CreateTemp("", "smp-"+s.Command+"-") // a pipe would kill the server once nobody reads it
	if err != nil {
		return "", err
	}
	defer os.Remove(stderrFile.Name())
	defer stderrFile.Close()
	cmd, out, err := s.startDetached(stderrFile)
	if err != nil {
		return "", fmt.Errorf("starting the %s in the background: %w", s.Command, err)
	}
	defer out.Close()
	defer func() {
		if err != nil { // nobody was told its process ID
			endProcess(cmd.Process)
			_ = cmd.Wait()
		}
	}()
	stop := context.AfterFunc(ctx, func() { endProcess(cmd.Process) })
	lines, ready := readExports(out, s.Variables[len(s.Variables)-1])
	switch {
	case !stop():
		return "", context.Cause(ctx)
	case !ready:
		_ = cmd.Wait()
	}
	if err := repeat(s.Stderr, stderrFile); err != nil {
		return "", err
	}
	if !ready {
		return "", &ExitError{Code: max(1, endCode(cmd.ProcessState))}
	}
	pid := Variable{Name: s.pidVariable(), Value: strconv.Itoa(cmd.Process.Pid)}
	if err := s.Out.Text(ctx, lines+Exports([]Variable{pid})); err != nil {
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
func (s *Server) startDetached(stderrFile *os.File) (cmd *exec.Cmd, out io.ReadCloser, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	withholdDescriptors(s.Flags)
	cmd = exec.Command(self, append([]string{s.Command}, s.Flags...)...)
	cmd.Env = s.Environ
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

// Stop ends the server that this shell started, waits for its end, and prints what
// unsets its variables. One that has ended by itself is no failure.
func (s *Server) Stop(ctx context.Context) error {
	if s.Lookup(s.pidVariable()) == "" {
		return cli.Usagef("%s is not set: this shell has started no %s in the background", s.pidVariable(), s.Command).
			Hint(`eval "$(smp %s --background)"`, s.Command)
	}
	pid, running := s.running()
	if !running {
		s.Messages.Info("the %s has ended already", s.Command)
	} else if err := s.end(ctx, pid); err != nil {
		return err
	}
	return s.Out.Text(ctx, "unset "+strings.Join(s.Variables, " ")+" "+s.pidVariable()+"\n")
}

func (s *Server) end(ctx context.Context, pid int) error {
	p, err := os.FindProcess(pid)
	if err == nil && p.Signal(syscall.SIGTERM) != nil {
		err = p.Kill()
	}
	if err != nil {
		return fmt.Errorf("stopping the %s, process %d: %w", s.Command, pid, err)
	}
	limit := time.NewTimer(stopLimit)
	defer limit.Stop()
	for {
		if _, running := s.running(); !running {
			return nil
		}
		select {
		case <-time.After(stopPause):
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-limit.C:
			return fmt.Errorf("the %s, process %d, has not ended within %s", s.Command, pid, spell.Duration(stopLimit))
		}
	}
}

// Gone gives the process that the shell's variable names, if it is the server no more.
func (s *Server) Gone() (pid string, gone bool) {
	pid = s.Lookup(s.pidVariable())
	_, running := s.running()
	return pid, pid != "" && !running
}

// running gives the process that the shell's variable names, if it still is the server.
func (s *Server) running() (pid int, running bool) {
	pid, err := strconv.Atoi(s.Lookup(s.pidVariable()))
	return pid, err == nil && pid > 1 && runsCommand(pid, s.Command)
}
