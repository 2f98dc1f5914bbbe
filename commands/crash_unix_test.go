//go:build unix

package commands_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"smp/client/mock"
)

// The program and the worst that a machine does to it: killed at any moment, a full
// disk, and fifty of it at once. What is left has to be what was there or all of
// what should be there, and no session that nobody knows.

// startMock starts a mock whose delay a test can wait for.
func startMock(t *testing.T, cfg mock.Config) *mock.Server {
	t.Helper()
	cfg.Key = processKey
	m, err := mock.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// alive are the sessions of a mock.
func alive(t *testing.T, m *mock.Server) []string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m.URL()+"/sessions", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(processKey, "")
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var sessions map[string]string
	if err := json.NewDecoder(resp.Body).Decode(&sessions); err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for id := range sessions {
		ids = append(ids, id)
	}
	return ids
}

// killedAfter runs cmd and kills it after d, unless it ends before.
func killedAfter(t *testing.T, cmd *exec.Cmd, d time.Duration) (killed bool) {
	t.Helper()
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(d, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	timer.Stop()
	exit := new(exec.ExitError)
	if errors.As(err, &exit) && exit.ExitCode() < 0 {
		return true
	}
	if err != nil {
		t.Errorf("it ended by itself: %v: %s", err, said.Bytes())
	}
	return false
}

func again(t *testing.T, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	next := exec.Command(cmd.Path, cmd.Args[1:]...)
	next.Dir, next.Env = cmd.Dir, cmd.Env
	return next
}

func TestKilledFetches(t *testing.T) {
	t.Parallel()
	whole := strings.Repeat("0123456789abcdef", 64<<10)
	endpoint := answering(t, func(conn net.Conn, _ *http.Request) {
		_, err := fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nX-Crawlera-Version: 1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n", len(whole))
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for rest := whole; rest != "" && err == nil; <-tick.C {
			n := min(len(rest), 64<<10)
			_, err = io.WriteString(conn, rest[:n])
			rest = rest[n:]
		}
	})
	cmd := program(t, endpoint, "fetch", "--delay", "0", "--session", "42", "-o", "out", "-c", "jar", "http://shop.test/")
	out := filepath.Join(cmd.Dir, "out")
	kills := 0
	for range 25 {
		if err := os.WriteFile(out, []byte("before"), 0o600); err != nil {
			t.Fatal(err)
		}
		if killedAfter(t, again(t, cmd), rand.N(60*time.Millisecond)) {
			kills++
		}
		if content, err := os.ReadFile(out); err != nil || string(content) != "before" && string(content) != whole {
			t.Fatalf("a killed fetch left %d bytes, %v", len(content), err)
		}
	}
	if kills == 0 {
		t.Error("none was killed")
	}
	if said, err := again(t, cmd).CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("afterwards: %v: %s", err, said)
	}
	if content, _ := os.ReadFile(out); string(content) != whole {
		t.Errorf("afterwards: %d bytes", len(content))
	}
}

// A batch that is killed again and again ends with one success for each line. Its
// sessions are all deleted but those whose making was cut off.
func TestKilledBatches(t *testing.T) {
	t.Parallel()
	m := startMock(t, mock.Config{Delay: 20 * time.Millisecond, Tolerance: time.Second})
	const lines = 120
	var list strings.Builder
	for i := range lines {
		fmt.Fprintf(&list, "http://shop.test/anything/%d\n", i+1)
	}
	cmd := program(t, m.URL(), "batch", "--delay", "0.02", "--sessions", "4", "--output-dir", "pages", "--resume", "list")
	if err := os.WriteFile(filepath.Join(cmd.Dir, "list"), []byte(list.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	kills, ended := 0, false
	for i := range 200 { // each may live longer, so that even on a slow machine one ends
		if killedAfter(t, again(t, cmd), rand.N(time.Duration(i+1)*40*time.Millisecond)) {
			kills++
			continue
		}
		ended = true
		break
	}
	if !ended {
		t.Fatalf("it did not end after %d kills", kills)
	}
	content, err := os.ReadFile(filepath.Join(cmd.Dir, "pages", "results.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	successes := map[int]int{}
	for line := range strings.Lines(string(content)) {
		var r struct {
			Line  int
			File  string
			Bytes int64
			Error *struct{ Message string }
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if r.Error != nil {
			t.Errorf("line %d: %s", r.Line, r.Error.Message)
			continue
		}
		successes[r.Line]++
		if info, err := os.Stat(filepath.Join(cmd.Dir, "pages", r.File)); err != nil || info.Size() != r.Bytes {
			t.Errorf("line %d: %v", r.Line, err)
		}
	}
	for n := 1; n <= lines; n++ {
		if successes[n] != 1 {
			t.Errorf("line %d has %d successes", n, successes[n])
		}
	}
	names, err := filepath.Glob(filepath.Join(cmd.Dir, "pages", "*"))
	if err != nil || len(names) != lines+2 { // the results, and the lock
		t.Errorf("%d files: %v", len(names), err)
	}
	// A kill between the service's making a session and its being written down is
	// the one moment in which nobody can know of it.
	if left := alive(t, m); len(left) > kills {
		t.Errorf("%d sessions are left after %d kills", len(left), kills)
	}
	t.Logf("%d kills, %d sessions left", kills, len(alive(t, m)))
}

// On a full disk everything is said, what was there stays, and no session is left that
// could not be written down.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	m := startMock(t, mock.Config{Delay: -1})
	tests := []struct {
		blocks string
		args   []string
		code   int
	}{
		{"4", []string{"fetch", "--delay", "0", "-o", "out", "http://shop.test/bytes/100000"}, 2},
		{"0", []string{"session", "create"}, 2},
		{"0", []string{"session", "create", "--json"}, 2},
		{"0", []string{"session", "create", "--count", "3"}, 2},
		{"0", []string{"session", "create", "--name", "shop"}, 2},
		{"0", []string{"session", "create", "--via", "http://shop.test/"}, 2},
		{"0", []string{"fetch", "--session", "create", "http://shop.test/ip"}, 2},
		{"0", []string{"fetch", "--session", "@new", "http://shop.test/ip"}, 2},
		{"0", []string{"fetch", "--session", "42", "http://shop.test/ip"}, 2},
		{"0", []string{"fetch", "--session", "42", "--unpaced", "http://shop.test/ip"}, 4},
		{"0", []string{"session", "run", "--", "true"}, 125},
		{"0", []string{"batch", "--sessions", "2", "--output-dir", "pages", "list"}, 2},
		{"2", []string{"batch", "--sessions", "2", "--output-dir", "more", "list"}, 2},
	}
	for _, test := range tests {
		cmd := program(t, m.URL(), test.args...)
		for name, text := range map[string]string{"out": "before", "list": strings.Repeat("http://shop.test/bytes/3000\n", 8)} {
			if err := os.WriteFile(filepath.Join(cmd.Dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		before := alive(t, m)
		cmd.Args = append([]string{"sh", "-c", "ulimit -f " + test.blocks + ` && exec "$0" "$@"`, cmd.Path}, test.args...)
		cmd.Path, _ = exec.LookPath("sh")
		said, _ := cmd.CombinedOutput() // to a pipe: a file would be full as well
		if code := cmd.ProcessState.ExitCode(); code != test.code {
			t.Errorf("%s: exit code %d, want %d:\n%s", test.args, code, test.code, said)
		}
		if test.code != 0 && !bytes.Contains(said, []byte("smp: error: ")) {
			t.Errorf("%s: no word of it:\n%s", test.args, said)
		}
		if content, err := os.ReadFile(filepath.Join(cmd.Dir, "out")); err != nil || string(content) != "before" {
			t.Errorf("%s: the file is %d bytes, %v", test.args, len(content), err)
		}
		for _, id := range alive(t, m) {
			if !slices.Contains(before, id) {
				t.Errorf("%s: session %s, which could not be written down, is left:\n%s", test.args, id, said)
			}
		}
	}
}

// Fifty processes that use a new name at once make one session, and none comes
// before its slot.
func TestFiftyProcesses(t *testing.T) {
	t.Parallel()
	const delay = 20 * time.Millisecond
	m := startMock(t, mock.Config{Delay: delay, Tolerance: delay / 2}) // a busy machine is late by more than 2 ms
	first := program(t, m.URL(), "fetch", "--delay", strconv.FormatFloat(delay.Seconds(), 'f', -1, 64), "--session", "@shop", "-o", "/dev/null", "http://shop.test/ip")
	var running sync.WaitGroup
	for range 50 {
		running.Go(func() {
			cmd := again(t, first)
			if said, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, said)
			}
		})
	}
	running.Wait()
	if verdict := m.Verdict(); len(verdict.Violations) > 0 {
		t.Errorf("before their slot: %v", verdict.Violations)
	}
	if left := alive(t, m); len(left) != 1 {
		t.Errorf("sessions %q, want one", left)
	}
}
