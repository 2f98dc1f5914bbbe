//go:build unix

package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
)

// mock starts smp mock on a free port and gives its endpoint and its process.
func (b *bench) mock(args ...string) (endpoint string, c *exec.Cmd, err error) {
	c = exec.Command(b.smp, append([]string{"mock", "--listen", "127.0.0.1:0", "--api-key", key}, args...)...)
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + b.dir, "TMPDIR=" + b.dir, "SMP_CONFIG=/dev/null"}
	first, err := b.serve(c)
	if err != nil {
		return "", nil, err
	}
	return strings.Trim(strings.TrimPrefix(first, "export SMP_ENDPOINT="), "'"), c, nil
}

// control asks the mock about itself.
func control(endpoint, path string) (*http.Response, error) {
	resp, err := http.Get(endpoint + "/_mock/" + path)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("/_mock/%s: %s", path, resp.Status)
	}
	return resp, err
}

// sessions makes so many of them at an endpoint and gives their IDs.
func (b *bench) sessions(endpoint string, n int) ([]string, error) {
	out, err := b.smpAt(endpoint, "session", "create", "--count", fmt.Sprint(n)).Output()
	return strings.Fields(string(out)), err
}
