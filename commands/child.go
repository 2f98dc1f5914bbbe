package commands

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"slices"
)

// child is a COMMAND that smp runs in an environment made for it.
type child struct {
	path   string   // what to execute; "" looks args[0] up on PATH
	args   []string // COMMAND and its arguments
	env    []string // all of its environment
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
}

// run runs COMMAND to its end, forwards signals to it, and returns the code to exit
// with. The error is nil if COMMAND ran, however it ended.
func (c *child) run() (int, error) {
	cmd, err := c.command()
	if err != nil {
		return startCode(err), err
	}
	// Signals are caught before COMMAND starts: none may end smp alone and leave COMMAND behind.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, signalsToForward()...)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return startCode(err), err
	}
	ended := make(chan struct{})
	go forward(cmd.Process, signals, ended)
	err = cmd.Wait()
	close(ended)
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		return exitNotStarted, err
	}
	return endCode(cmd.ProcessState), nil
}

func (c *child) command() (*exec.Cmd, error) {
	path := c.path
	if path == "" {
		found, err := exec.LookPath(c.args[0])
		if err != nil && !errors.Is(err, exec.ErrDot) { // ErrDot: a PATH with "." in it means it
			return nil, err
		}
		path = found
	}
	return &exec.Cmd{Path: path, Args: c.args, Env: c.env, Stdin: c.stdin, Stdout: c.stdout, Stderr: c.stderr}, nil
}

// signalsToForward lists them, less those that smp was started to ignore, as by nohup:
// COMMAND ignores them too.
func signalsToForward() []os.Signal {
	return slices.DeleteFunc(slices.Clone(forwarded), signal.Ignored)
}

// forward passes signals on to p until it has ended.
func forward(p *os.Process, signals <-chan os.Signal, ended <-chan struct{}) {
	for {
		select {
		case s := <-signals:
			if !deliveredByTerminal(s) {
				_ = p.Signal(s) // it may just have ended
			}
		case <-ended:
			return
		}
	}
}

func startCode(err error) int {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		return exitNotFound
	}
	return exitNotExecutable
}
