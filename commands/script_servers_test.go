package commands_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/alicebob/miniredis/v2"
	redisserver "github.com/alicebob/miniredis/v2/server"
	"github.com/rogpeppe/go-internal/testscript"
)

// Commands of scripts that start something, which ends with the script.

func scriptMock(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: mock [FLAG…]")
	}
	bin, _, _ := strings.Cut(ts.Getenv("PATH"), string(os.PathListSeparator))
	cmd := exec.Command(filepath.Join(bin, programName()), append([]string{"mock", "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = scriptEnviron(ts)
	log := new(bytes.Buffer)
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			ts.Logf("mock: %v", err)
		}
		ts.Logf("[mock stderr]\n%s", log)
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		name, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "=")
		if !ok {
			ts.Fatalf("mock printed %q", lines.Text())
		}
		value = strings.Trim(value, "'")
		ts.Setenv(name, value)
		if name == "SMP_ENDPOINT" {
			ts.Setenv("MOCK", strings.TrimPrefix(value, "http://"))
		}
		if name == "SMP_TIME_SCALE" { // the last one
			return
		}
	}
	_ = cmd.Wait()
	ts.Fatalf("mock ended before it was ready: %s", log)
}

// scriptEnviron is the environment of the script, as far as programs need it.
func scriptEnviron(ts *testscript.TestScript) []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SystemRoot", "SMP_STATE_DIR", "GOCOVERDIR", "GORACE"} {
		if value := ts.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

func scriptRedis(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: redis VAR")
	}
	server := miniredis.NewMiniRedis()
	ts.Check(server.Start())
	ts.Defer(server.Close)
	server.Server().SetPreHook(func(c *redisserver.Peer, cmd string, _ ...string) bool {
		if cmd == "INFO" { // which it has not
			c.WriteBulk("redis_version:7.0.0\r\nrun_id:1\r\nrole:master\r\n")
		}
		return cmd == "INFO"
	})
	ts.Setenv("REDIS", server.Addr())
	ts.Setenv(args[0], "redis://"+server.Addr()+"/0")
}

func scriptDown(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: down VAR")
	}
	// The near end of a connection holds its port for itself, and nobody listens there.
	ln := listen(ts)
	conn, err := net.Dial("tcp", ln.Addr().String())
	ts.Check(err)
	ts.Defer(func() { conn.Close() })
	ts.Setenv(args[0], conn.LocalAddr().String())
}

func scriptReplay(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: replay VAR FILE…")
	}
	l := &replay{ended: make(chan struct{})}
	for _, file := range args[1:] {
		l.answers = append(l.answers, answer(ts, file))
	}
	requests, err := os.Create(ts.MkAbs(args[0] + ".requests"))
	ts.Check(err)
	l.requests = requests
	ln := listen(ts)
	ts.Setenv(args[0], ln.Addr().String())
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			running.Go(func() { l.serve(conn) })
		}
	})
	ts.Defer(func() {
		ln.Close()
		close(l.ended)
		running.Wait()
		requests.Close()
	})
}

// replay is a server that says what it was told to say.
type replay struct {
	answers []string // nextAnswer gives the first as long as there are others
	ended   chan struct{}

	mu       sync.Mutex
	requests io.Writer
}

const stalled = "stall" // in the place of an answer: none, and the connection stays open

func answer(ts *testscript.TestScript, file string) string {
	switch file {
	case "-":
		return ""
	case stalled:
		return stalled
	}
	head, body, _ := strings.Cut(ts.ReadFile(file), "\n\n")
	if strings.Contains(head, "\r\n") {
		return ts.ReadFile(file)
	}
	return strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n" + body
}

func (l *replay) serve(conn net.Conn) {
	defer conn.Close()
	go func() { // a client that waits must not outlive the script
		<-l.ended
		conn.Close()
	}()
	raw := new(bytes.Buffer)
	req, err := http.ReadRequest(bufio.NewReader(io.TeeReader(conn, raw)))
	if err == nil {
		_, _ = io.Copy(io.Discard, req.Body)
	}
	text := l.nextAnswer(raw.Bytes())
	if text == stalled {
		<-l.ended
		return
	}
	_, _ = io.WriteString(conn, text)
	if tcp, ok := conn.(*net.TCPConn); ok { // what is unread would turn the close into a reset
		_ = tcp.CloseWrite()
		_, _ = io.Copy(io.Discard, conn)
	}
}

func (l *replay) nextAnswer(request []byte) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.requests.Write(request)
	text := l.answers[0]
	if len(l.answers) > 1 {
		l.answers = l.answers[1:]
	}
	return text
}

func listen(ts *testscript.TestScript) net.Listener {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { ln.Close() })
	return ln
}
