//go:build !windows

package process

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// forwarded are the signals a person or a supervisor sends to a command.
var forwarded = []os.Signal{
	syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2,
}

// deliveredByTerminal reports whether COMMAND has received s already: a terminal sends
// Ctrl-C and Ctrl-\ to every process in its foreground. A second signal would cut short
// the clean-up that the first began.
func deliveredByTerminal(s os.Signal) bool {
	if s != syscall.SIGINT && s != syscall.SIGQUIT {
		return false
	}
	for stream := range 3 {
		foreground, err := unix.IoctlGetInt(stream, unix.TIOCGPGRP)
		if err == nil && foreground == unix.Getpgrp() {
			return true
		}
	}
	return false
}

// endCode is the exit code that tells how a process ended.
func endCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return CodeSignal + int(status.Signal())
	}
	return state.ExitCode()
}
