// Package process runs other programs: a [Command] with smp's streams and signals, and a
// [Server] of smp's own that stays in the background. The rest is what such programs find:
// environment variables, and private directories with certificates. It knows no session.
package process

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"slices"
)

// Exit codes of a COMMAND that did not run, or died of a signal, as env(1) and shells have
// them.
const (
	CodeNotStarted    = 125 // smp failed before COMMAND ran
	CodeNotExecutable = 126
	CodeNotFound      = 127
	CodeSignal        = 128 // plus the number of the signal
)

// Command is a COMMAND that smp runs in an environment made for it.
type Command struct {
	Path   string   // what to execute; "" looks args[0] up on PATH
	Args   []string // COMMAND and its arguments
	Env    []string // all of its environment
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
}

// Run runs COMMAND to its end, forwards signals to it, and returns the code to exit
// with. The error is nil if COMMAND ran, however it ended.
func (c *Command) Run() (int, error) {
	cmd, err := c.Find()
	if err != nil {
		return StartCode(err), err
	}
	// Signals are caught before COMMAND starts: none may end smp alone and leave COMMAND behind.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, signalsToForward()...)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return StartCode(err), err
	}
	ended := make(chan struct{})
	go forward(cmd.Process, signals, ended)
	err = cmd.Wait()
	close(ended)
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		return CodeNotStarted, err
	}
	return endCode(cmd.ProcessState), nil
}

// Find looks COMMAND up, and does not start it. [StartCode] is for its errors.
func (c *Command) Find() (*exec.Cmd, error) {
	path := c.Path
	if path == "" {
		found, err := exec.LookPath(c.Args[0])
		if err != nil && !errors.Is(err, exec.ErrDot) { // ErrDot: a PATH with "." in it means it
			return nil, err
		}
		path = found
	}
	return &exec.Cmd{Path: path, Args: c.Args, Env: c.Env, Stdin: c.Stdin, Stdout: c.Stdout, Stderr: c.Stderr}, nil
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

// StartCode is the exit code for an error of [Command.Find].
func StartCode(err error) int {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		return CodeNotFound
	}
	return CodeNotExecutable
}
