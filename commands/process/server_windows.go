package process

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

// runsCommand reports whether the process is there. Its number may have become another
// program's since.
func runsCommand(pid int, _ string) bool {
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return false
	}
	defer windows.CloseHandle(h)
	var code uint32
	const stillActive = 259
	return windows.GetExitCodeProcess(h, &code) == nil && code == stillActive
}
