//go:build !windows

package process

import (
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// detached gives a process a session of its own: no terminal, so neither
// Ctrl-C nor closing the window ends it.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// withholdDescriptors keeps what the caller has open from the processes that smp starts
// from now on: who reads such a pipe to its end would wait for them. What flags name, as
// /dev/fd/3, they are to have.
func withholdDescriptors(flags []string) {
	open, _ := os.ReadDir("/dev/fd")
	for _, entry := range open {
		fd, err := strconv.Atoi(entry.Name())
		if err == nil && fd > 2 && !namesDescriptor(flags, fd) {
			unix.CloseOnExec(fd)
		}
	}
}

// runsCommand reports whether a process is smp with that command. Its number may have
// become another program's since; where /proc does not tell, it is believed.
func runsCommand(pid int, command string) bool {
	if syscall.Kill(pid, 0) == syscall.ESRCH {
		return false
	}
	line, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil {
		return runtime.GOOS != "linux"
	}
	args := strings.Split(string(line), "\x00")
	return len(args) > 1 && args[1] == command
}

func namesDescriptor(flags []string, fd int) bool {
	return slices.ContainsFunc(flags, func(given string) bool {
		return strings.HasSuffix(given, "=/dev/fd/"+strconv.Itoa(fd)) || strings.HasSuffix(given, "=/proc/self/fd/"+strconv.Itoa(fd))
	})
}
