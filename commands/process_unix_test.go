//go:build unix

package commands_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// What tests of the program as a process have in common.

const processKey = "5ecre7f00dba5eba11c0ffee0ddba11s"

func holdsKey(text []byte) bool {
	encoded := base64.StdEncoding.EncodeToString([]byte(processKey + ":"))
	return bytes.Contains(text, []byte(processKey)) || bytes.Contains(text, []byte(encoded[:40]))
}

// program is smp, ready to run in a home of its own.
func program(t *testing.T, endpoint string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(filepath.Join(buildProgram(t), programName()), args...)
	cmd.Dir = t.TempDir()
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + cmd.Dir, "SMP_STATE_DIR=" + cmd.Dir + "/.state", "SMP_API_KEY=" + processKey,
		"SMP_ENDPOINT=" + endpoint, "GOTRACEBACK=all", "GOCOVERDIR=" + os.Getenv("GOCOVERDIR"),
	}
	t.Cleanup(func() {
		if cmd.Process != nil && cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	return cmd
}

// answering serves each connection with f, which may keep it.
func answering(t *testing.T, f func(net.Conn, *http.Request)) (endpoint string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var running sync.WaitGroup
	var conns []net.Conn
	running.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			running.Go(func() {
				defer conn.Close()
				if req, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					f(conn, req)
				}
			})
		}
	})
	t.Cleanup(func() {
		ln.Close()
		mu.Lock()
		for _, conn := range conns {
			conn.Close()
		}
		mu.Unlock()
		running.Wait()
	})
	return "http://" + ln.Addr().String()
}

// stalling never answers, and tells when it was asked.
func stalling(t *testing.T) (endpoint string, asked chan struct{}) {
	asked = make(chan struct{}, 16)
	return answering(t, func(conn net.Conn, _ *http.Request) {
		asked <- struct{}{}
		_, _ = io.Copy(io.Discard, conn)
	}), asked
}
