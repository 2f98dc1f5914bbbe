package ledger

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Children are the test binary again, told by this variable what to be.
const roleVar = "LEDGER_TEST_ROLE"

func TestMain(m *testing.M) {
	role := strings.Fields(os.Getenv(roleVar))
	if len(role) == 0 {
		os.Exit(m.Run())
	}
	if err := children[role[0]](role[1], role[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// children by role; each is given the ledger's directory and arguments.
var children = map[string]func(dir string, args []string) error{
	"send":  sendChild,
	"bind":  bindChild,
	"once":  onceChild,
	"use":   useChild,
	"full":  fullChild,
	"guard": guardChild,
}

// openChild opens a directory, or what a server keeps.
func openChild(at string) (*Ledger, error) {
	opts := Options{Notify: func(err error) {
		if _, reset := errors.AsType[*ResetError](err); !reset {
			fmt.Fprintln(os.Stderr, "notice:", err)
		}
	}}
	if server, err := url.Parse(at); err == nil && strings.HasPrefix(server.Scheme, "redis") {
		return OpenRedis(context.Background(), Redis{URL: server}, "test", opts)
	}
	return Open(at, opts)
}

// sendChild sends requests in a session and prints when each arrives, which is
// between its sending and its answer.
func sendChild(dir string, args []string) error {
	delay, err := time.ParseDuration(args[1])
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	l, err := openChild(dir)
	if err != nil {
		return err
	}
	defer l.Close()
	for range n {
		if err := sendOne(l, args[0], delay); err != nil {
			return err
		}
	}
	return nil
}

func sendOne(l *Ledger, session string, delay time.Duration) error {
	ticket, err := l.Reserve(session, Pace{Delay: delay, Patience: NoLimit})
	if err != nil {
		return err
	}
	defer ticket.Cancel()
	if err := ticket.Start(context.Background(), nil); err != nil {
		return err
	}
	fmt.Printf("%d\n", systemClock().now())
	ticket.FirstByte()
	return ticket.Done(Feedback{})
}

func bindChild(dir string, args []string) error {
	l, err := openChild(dir)
	if err != nil {
		return err
	}
	defer l.Close()
	id, made, err := l.Bind(context.Background(), Binding{Name: args[0], Delay: time.Second, Wait: patient}, func(context.Context) (Session, error) {
		id := fmt.Sprintf("made-by-%d", os.Getpid())
		return Session{ID: id}, sleep(context.Background(), 20*time.Millisecond)
	})
	fmt.Println(id, made)
	return err
}

func onceChild(dir string, args []string) error {
	l, err := openChild(dir)
	if err != nil {
		return err
	}
	defer l.Close()
	fmt.Println("ready")
	if _, err := io.ReadAll(os.Stdin); err != nil {
		return err
	}
	return l.Once(context.Background(), args[0], patient, func(ctx context.Context) error {
		fmt.Println("called")
		return sleep(ctx, 300*time.Millisecond)
	})
}

// guardChild holds a name until it is killed.
func guardChild(at string, args []string) error {
	l, err := openChild(at)
	if err != nil {
		return err
	}
	if _, err := l.store.guard(context.Background(), ref{names, args[0]}); err != nil {
		return err
	}
	fmt.Println("ready")
	_, err = io.ReadAll(os.Stdin)
	return err
}

func useChild(dir string, args []string) error {
	l, err := openChild(dir)
	if err != nil {
		return err
	}
	for _, id := range args {
		if _, err := l.Use(id); err != nil {
			return err
		}
	}
	fmt.Println("ready")
	_, err = io.ReadAll(os.Stdin)
	return err
}

// child is a process that was started with a role.
type child struct {
	*exec.Cmd
	stdin          io.Closer
	stdout, stderr bytes.Buffer
	lines          *bufio.Scanner // if its output is read as it comes
}

func start(t testing.TB, role, dir string, args ...string) *child {
	t.Helper()
	c := &child{Cmd: exec.Command(os.Args[0])}
	c.Env = append(os.Environ(), roleVar+"="+strings.Join(append([]string{role, dir}, args...), " "))
	stdin, err := c.StdinPipe()
	must(t, err)
	c.stdin = stdin
	c.Stdout, c.Stderr = &c.stdout, &c.stderr
	must(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill() })
	return c
}

// startReady returns when the child has said that it is ready.
func startReady(t testing.TB, role, dir string, args ...string) *child {
	t.Helper()
	c := &child{Cmd: exec.Command(os.Args[0])}
	c.Env = append(os.Environ(), roleVar+"="+strings.Join(append([]string{role, dir}, args...), " "))
	stdin, err := c.StdinPipe()
	must(t, err)
	c.stdin = stdin
	out, err := c.StdoutPipe()
	must(t, err)
	c.Stderr = &c.stderr
	must(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill() })
	c.lines = bufio.NewScanner(out)
	if !c.lines.Scan() || c.lines.Text() != "ready" {
		t.Fatalf("%s said %q, and %s", role, c.lines.Text(), &c.stderr)
	}
	return c
}

// end waits for a child that is to end well and without a word on stderr.
func (c *child) end(t testing.TB) []string {
	t.Helper()
	if err := c.Wait(); err != nil || c.stderr.Len() > 0 {
		t.Errorf("child: %v, %s", err, &c.stderr)
	}
	return strings.Fields(c.stdout.String())
}

// arrivals are the times that children printed, in order.
func arrivals(t testing.TB, children ...*child) []instant {
	t.Helper()
	var all []instant
	for _, c := range children {
		for _, line := range strings.Fields(c.stdout.String()) {
			n, err := strconv.ParseInt(line, 10, 64)
			must(t, err)
			all = append(all, instant(n))
		}
	}
	slices.Sort(all)
	return all
}

// wantApart checks what an observer sees of the pacing.
func wantApart(t *testing.T, all []instant, delay time.Duration) {
	t.Helper()
	for i := 1; i < len(all); i++ {
		if gap := all[i].sub(all[i-1]); gap < delay {
			t.Errorf("requests %d and %d of %d are %v apart, want %v", i-1, i, len(all), gap, delay)
		}
	}
}
