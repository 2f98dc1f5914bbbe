package commands

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// detached gives a process no console, so neither Ctrl-C nor closing the window
// ends it.
func detached() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: windows.DETACHED_PROCESS | windows.CREATE_NEW_PROCESS_GROUP}
}

// withholdDescriptors has nothing to do: a process gets what it is given by name.
func withholdDescriptors([]string) {}
