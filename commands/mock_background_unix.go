//go:build !windows

package commands

import "syscall"

// detached gives a process a session of its own: no terminal, so neither
// Ctrl-C nor closing the window ends it.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
