//go:build unix

package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// key is the API key of all that is measured, as long as those of the service.
const key = "0123456789abcdef0123456789abcdef"

// bench holds what the rows share. Nothing of it is used concurrently.
type bench struct {
	smp, self string
	dir       string // in memory where the system has such a directory
	built     string // directory of smp, if it was built: on a disk, where programs are, since it starts faster there
	quick     bool
	endpoint  string // of the bare proxy
	ca        string // file of the CA of its targets
	launcher  *launcher
	servers   []*exec.Cmd
	known     []place // see places
}

func newBench(binary string, quick bool) (b *bench, err error) {
	b = &bench{quick: quick, smp: binary}
	if b.self, err = os.Executable(); err != nil {
		return b, err
	}
	memory := "/dev/shm"
	if _, err := os.Stat(memory); err != nil {
		memory = ""
	}
	if b.dir, err = os.MkdirTemp(memory, "smp-bench-"); err != nil {
		return b, err
	}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	if b.smp == "" {
		if b.built, err = os.MkdirTemp("", "smp-bench-"); err != nil {
			return b, err
		}
		b.smp = filepath.Join(b.built, "smp")
		if err := build(".", b.smp); err != nil {
			return b, err
		}
	}
	if b.smp, err = filepath.Abs(b.smp); err != nil {
		return b, err
	}
	process := exec.Command(b.self, "launch")
	if b.launcher, err = newLauncher(process); err != nil {
		return b, err
	}
	b.servers = append(b.servers, process)
	b.ca = filepath.Join(b.dir, "ca.pem")
	b.endpoint, err = b.serve(exec.Command(b.self, "proxy", b.ca))
	return b, err
}

// build makes a program as smp is released.
func build(pkg, to string) error {
	out, err := exec.Command("make", "--no-print-directory", "build", "PACKAGE="+pkg, "OUTPUT="+to).CombinedOutput()
	if err != nil {
		return fmt.Errorf("make build: %w\n%s", err, out)
	}
	return nil
}

// serve starts a server and gives the first line that it prints.
func (b *bench) serve(c *exec.Cmd) (string, error) {
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := c.Start(); err != nil {
		return "", err
	}
	b.servers = append(b.servers, c)
	first, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("%s did not start: %w", c.Args[0], err)
	}
	go func() { _, _ = bufio.NewReader(out).WriteTo(os.Stderr) }()
	return strings.TrimSpace(first), nil
}

func (b *bench) close() {
	for _, c := range b.servers {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait()
	}
	if err := errors.Join(os.RemoveAll(b.dir), os.RemoveAll(b.built)); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
}

// rounds is how often something is measured.
func (b *bench) rounds(usual int) int {
	if b.quick {
		return max(1, usual/3)
	}
	return usual
}

// smaller is the size of a long row, a tenth of it for -quick.
func (b *bench) smaller(usual int) int {
	if b.quick {
		return usual / 10
	}
	return usual
}

// smpAt is smp with an endpoint, and a state directory of its own for each.
func (b *bench) smpAt(endpoint string, args ...string) *exec.Cmd {
	c := exec.Command(b.smp, args...)
	c.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + b.dir, "SMP_CONFIG=/dev/null",
		"SMP_ENDPOINT=" + endpoint, "SMP_API_KEY=" + key, "SMP_CACERT=" + b.ca, "SMP_DELAY=0",
		"SMP_STATE_DIR=" + filepath.Join(b.dir, "state"),
	}
	return c
}

func (b *bench) fetch(args ...string) *exec.Cmd {
	return b.smpAt(b.endpoint, append([]string{"fetch"}, args...)...)
}

func (b *bench) curl(args ...string) *exec.Cmd {
	c := exec.Command("curl", append([]string{"-s", "-x", b.endpoint, "-U", key + ":", "--cacert", b.ca}, args...)...)
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + b.dir}
	return c
}
