package commands_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"smp/client/mock"
	"smp/commands"
)

// What only the process shows: its arguments, the environment it hands on, what a
// crash prints, and its memory.

func proc(t *testing.T, pid int, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	if err != nil || len(content) == 0 {
		t.Errorf("/proc/%d/%s: %d bytes, %v", pid, file, len(content), err)
	}
	return content
}

func TestNoProcessShowsTheKey(t *testing.T) {
	t.Parallel()
	endpoint, asked := stalling(t)
	for _, args := range [][]string{
		{"fetch", "-v", "--session", "42", "http://shop.test/"},
		{"fetch", "--json", "https://shop.test/"},
		{"session", "create"},
		{"session", "run", "--", "true"},
		{"doctor"},
	} {
		cmd := program(t, endpoint, args...)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		<-asked
		if holdsKey(proc(t, cmd.Process.Pid, "cmdline")) {
			t.Errorf("%s: the key is among the arguments", args)
		}
		// A crash prints what every goroutine was at.
		if err := cmd.Process.Signal(syscall.SIGQUIT); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil || !bytes.Contains(out.Bytes(), []byte("goroutine 1 ")) {
			t.Errorf("%s: no crash: %v\n%s", args, err, &out)
		}
		if holdsKey(out.Bytes()) {
			t.Errorf("%s: a crash tells the key", args)
		}
	}
}

func TestChildrenGetTheKeyOnlyIfItWasPromised(t *testing.T) {
	t.Parallel()
	m, err := mock.Start(mock.Config{Key: processKey})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	tests := []struct {
		name     string
		args     []string
		file     bool
		promised bool
	}{
		{"session run, key by environment", []string{"session", "run", "--", "env"}, false, true},
		{"session run, key by file", []string{"session", "run", "--api-key-file", "key", "--", "env"}, true, false},
		{"mock", []string{"mock", "--", "env"}, false, false},
		{"exec, key by environment", []string{"exec", "--", "env"}, false, false},
		{"exec, key by file", []string{"exec", "--api-key-file", "key", "--", "env"}, true, false},
	}
	for _, test := range tests {
		cmd := program(t, m.URL(), test.args...)
		if err := os.WriteFile(filepath.Join(cmd.Dir, "key"), []byte(processKey+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if test.file {
			cmd.Env = slices.DeleteFunc(cmd.Env, func(v string) bool { return strings.HasPrefix(v, "SMP_API_KEY=") })
		}
		out, err := cmd.CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("SMP_ENDPOINT=")) {
			t.Errorf("%s: %v\n%s", test.name, err, out)
		}
		if holdsKey(out) != test.promised {
			t.Errorf("%s: the key is there: %v, want %v\n%s", test.name, holdsKey(out), test.promised, out)
		}
	}
}

func TestTheMockInTheBackgroundHasNoKey(t *testing.T) {
	t.Parallel()
	cmd := program(t, "http://127.0.0.1:1", "mock", "--background", "--listen", "127.0.0.1:0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(out), "SMP_MOCK_PID=")
	pid, err := strconv.Atoi(strings.Trim(strings.TrimSpace(rest), "'"))
	if err != nil {
		t.Fatalf("no SMP_MOCK_PID: %q", out)
	}
	defer func() { _ = syscall.Kill(pid, syscall.SIGTERM) }()
	if holdsKey(proc(t, pid, "environ")) || holdsKey(proc(t, pid, "cmdline")) {
		t.Error("the mock has the caller's key")
	}
}

// Hostile answers cost bounded memory, whatever their size.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	if args := flag.Args(); len(args) > 0 {
		fmt.Println("peak", peakOf(args))
		return
	}
	flood := func(head, more string, size int) func(net.Conn, *http.Request) {
		piece := strings.Repeat(more, 64<<10/len(more)+1)
		return func(conn net.Conn, _ *http.Request) {
			_, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\n"+head)
			for sent := 0; sent < size && err == nil; sent += len(piece) {
				_, err = io.WriteString(conn, piece)
			}
		}
	}
	redirecting := func(conn net.Conn, _ *http.Request) {
		head := "HTTP/1.1 302 Found\r\nLocation: /\r\nConnection: close\r\n" + strings.Repeat("X: "+strings.Repeat("y", 52)+"\r\n", 4_990)
		_, _ = io.WriteString(conn, head+"\r\n")
	}
	sessions := func(n int) func(net.Conn, *http.Request) {
		return func(conn net.Conn, _ *http.Request) {
			out := bufio.NewWriter(conn)
			defer out.Flush()
			_, _ = out.WriteString("HTTP/1.1 200 OK\r\n\r\n{")
			for i := range n {
				if _, err := fmt.Fprintf(out, `"%d": "198.51.100.%d:3128", `, i, i%250); err != nil {
					return
				}
			}
			_, _ = out.WriteString(`"1": ""}`)
		}
	}
	tests := []struct {
		name   string
		answer func(net.Conn, *http.Request)
		args   []string
		mib    int64
		code   int
	}{
		{"a header of 1 GB", flood("X-Big: ", "x", 1<<30), []string{"fetch", "-o", "out", "http://shop.test/"}, 32, 7},
		{"a header of 1 GB for a list", flood("X-Big: ", "x", 1<<30), []string{"session", "list"}, 32, 7},
		{"a body of 100 MB", flood("\r\n", "x", 100<<20), []string{"fetch", "-o", "/dev/null", "http://shop.test/"}, 32, 0},
		{"an id of 10 MB", flood("\r\n", "7", 10<<20), []string{"session", "create"}, 32, 1},
		{"an id of 10 MB in a list", flood("\r\n{\"", "7", 10<<20), []string{"session", "list"}, 64, 1},
		{"nested a million deep", flood("\r\n{\"1\": ", "[", 8<<20), []string{"session", "list"}, 32, 1},
		{"objects a million deep", flood("\r\n{\"1\": ", `{"a":`, 8<<20), []string{"session", "list"}, 32, 1},
		{"500,000 sessions", sessions(500_000), []string{"session", "list"}, 64, 1},
		{"50,000 sessions", sessions(50_000), []string{"session", "list"}, 64, 0},
		{"a refusal of 1 GB", flood("X-Crawlera-Error: banned\r\n\r\n", "x", 1<<30), []string{"fetch", "-v", "--meta", "meta", "http://shop.test/"}, 32, 6},
		{"a bomb of 50 MB", bomb(50 << 20), []string{"fetch", "--compressed", "-o", "/dev/null", "http://shop.test/"}, 32, 0},
		{"50 redirects of 280 KB", redirecting, []string{"fetch", "-L", "http://shop.test/"}, 48, 1},
		{"50 redirects of 280 KB, to be shown", redirecting, []string{"fetch", "-L", "-i", "http://shop.test/"}, 48, 1},
		{"a line of 1 GB for batch", flood("\r\n", "x", 1<<30), []string{"batch", "--session", "42", "--retry", "0", "list"}, 64, 8},
	}
	for _, test := range tests {
		cmd := program(t, answering(t, test.answer), test.args...)
		if err := os.WriteFile(filepath.Join(cmd.Dir, "list"), []byte("http://shop.test/\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		// A process starts with the peak of the one that started it: a small one has to.
		cmd.Args = slices.Concat([]string{os.Args[0], "-test.run=^TestMemoryIsBounded$", "--", cmd.Path}, test.args)
		cmd.Path = os.Args[0]
		out, _ := cmd.CombinedOutput()
		var code int
		var peak int64
		_, report, _ := strings.Cut(string(out), "peak ")
		if _, err := fmt.Sscan(report, &peak, &code); err != nil || code != test.code {
			t.Errorf("%s: exit code %d, want %d:\n%.2000s", test.name, code, test.code, out)
		}
		t.Logf("%s: %d MiB", test.name, peak)
		if peak > test.mib && !commands.RaceEnabled { // whose own memory is many times that
			t.Errorf("%s: %d MiB, want at most %d", test.name, peak, test.mib)
		}
	}
}

// bomb answers with size bytes, compressed a thousandfold.
func bomb(size int) func(net.Conn, *http.Request) {
	return func(conn net.Conn, _ *http.Request) {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
		packed := gzip.NewWriter(conn)
		defer packed.Close()
		piece := make([]byte, 1<<20)
		for sent := 0; sent < size; sent += len(piece) {
			if _, err := packed.Write(piece); err != nil {
				return
			}
		}
	}
}

// peakOf runs a program and gives its peak memory in MiB, and its exit code.
func peakOf(args []string) string {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stderr = os.Stderr
	_ = cmd.Run()
	return fmt.Sprint(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss>>10, cmd.ProcessState.ExitCode())
}
