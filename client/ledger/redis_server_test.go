//go:build redis && unix

package ledger

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"
)

// These tests start redis-server, from wherever PATH has it, and are run with
//
//	go test -tags redis -run RealRedis ./client/ledger
//
// Requests are seen by the clock of the machine, which no ledger goes by.

// realRedis is a server, and a way to it that can be led to another.
type realRedis struct {
	t    *testing.T
	dir  string
	port int
	args []string
	cmd  *exec.Cmd
}

func startRedis(t *testing.T, args ...string) *realRedis {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	r := &realRedis{t: t, dir: t.TempDir(), port: ln.Addr().(*net.TCPAddr).Port, args: args}
	must(t, ln.Close())
	r.start()
	t.Cleanup(r.kill)
	return r
}

func (r *realRedis) start() {
	r.t.Helper()
	args := append([]string{"--port", strconv.Itoa(r.port), "--bind", "127.0.0.1", "--dir", r.dir, "--save", ""}, r.args...)
	r.cmd = exec.Command("redis-server", args...)
	must(r.t, r.cmd.Start())
	for range 500 {
		if c, err := r.dial(); err == nil {
			_, err = c.Do("PING")
			_ = c.Close()
			if err == nil {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	r.t.Fatal("redis-server does not answer")
}

func (r *realRedis) dial() (redis.Conn, error) {
	return redis.Dial("tcp", r.address(), redis.DialReadTimeout(20*time.Second))
}

func (r *realRedis) portName() string { return strconv.Itoa(r.port) }

func (r *realRedis) address() string { return "127.0.0.1:" + r.portName() }

func (r *realRedis) url() string { return "redis://" + r.address() + "/0" }

func (r *realRedis) do(cmd string, args ...any) {
	r.t.Helper()
	c, err := r.dial()
	must(r.t, err)
	defer c.Close()
	if _, err := c.Do(cmd, args...); err != nil {
		r.t.Fatal(err)
	}
}

func (r *realRedis) kill() {
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
}

// begin lets the epoch be old enough that no request waits for it.
func (r *realRedis) begin() {
	r.t.Helper()
	l, err := openChild(r.url())
	must(r.t, err)
	must(r.t, l.Close())
}

const realDelay = 15 * time.Millisecond // below A, see shortDelay

// traffic is n processes that send m requests each in one session; disturb is done
// meanwhile. It fails if any two requests came too close.
func traffic(t *testing.T, at string, n, m int, disturb func(all []*child)) {
	t.Helper()
	var all []*child
	for range n {
		all = append(all, start(t, "send", at, "42", realDelay.String(), strconv.Itoa(m)))
	}
	disturb(all)
	for _, c := range all {
		c.end(t)
	}
	seen := arrivals(t, all...)
	if len(seen) != n*m {
		t.Errorf("%d of %d arrived", len(seen), n*m)
	}
	wantApart(t, seen, realDelay)
}

func TestRealRedisFiftyProcesses(t *testing.T) {
	r := startRedis(t)
	r.begin()
	traffic(t, r.url(), 50, 2, func([]*child) {})
}

func TestRealRedisKilledProcesses(t *testing.T) {
	r := startRedis(t)
	r.begin()
	var doomed []*child
	for range 8 {
		doomed = append(doomed, start(t, "send", r.url(), "42", "5ms", "1000"))
	}
	traffic(t, r.url(), 4, 5, func([]*child) {
		for _, c := range doomed {
			time.Sleep(60 * time.Millisecond)
			must(t, c.Process.Kill())
			_ = c.Wait()
		}
	})
}

// A process that was stopped for longer than its lease is another owner afterwards,
// and sends at its next turn.
func TestRealRedisStoppedProcesses(t *testing.T) {
	r := startRedis(t)
	r.begin()
	traffic(t, r.url(), 10, 60, func(all []*child) {
		time.Sleep(500 * time.Millisecond)
		signalAll(t, syscall.SIGSTOP, all[:5])
		time.Sleep(leaseTime + 2*time.Second)
		signalAll(t, syscall.SIGCONT, all[:5])
	})
}

func TestRealRedisBrokenConnections(t *testing.T) {
	r := startRedis(t)
	r.begin()
	traffic(t, r.url(), 10, 20, func([]*child) {
		for range 20 {
			time.Sleep(100 * time.Millisecond)
			r.do("CLIENT", "KILL", "TYPE", "normal")
		}
	})
}

func TestRealRedisPaused(t *testing.T) {
	r := startRedis(t, "--enable-debug-command", "yes")
	r.begin()
	traffic(t, r.url(), 10, 20, func([]*child) {
		for range 3 {
			time.Sleep(200 * time.Millisecond)
			r.do("DEBUG", "SLEEP", 0.7)
		}
		must(t, r.cmd.Process.Signal(syscall.SIGSTOP))
		time.Sleep(2 * time.Second)
		must(t, r.cmd.Process.Signal(syscall.SIGCONT))
	})
}

func TestRealRedisRestarts(t *testing.T) {
	for name, args := range map[string][]string{
		"without persistence": nil,
		"with persistence":    {"--appendonly", "yes", "--appendfsync", "everysec"},
	} {
		t.Run(name, func(t *testing.T) {
			r := startRedis(t, args...)
			r.begin()
			traffic(t, r.url(), 10, 30, func([]*child) {
				for range 4 {
					time.Sleep(400 * time.Millisecond)
					r.kill()
					r.start()
				}
			})
		})
	}
}

func TestRealRedisEmptied(t *testing.T) {
	r := startRedis(t)
	r.begin()
	traffic(t, r.url(), 10, 30, func([]*child) {
		for range 6 {
			time.Sleep(300 * time.Millisecond)
			r.do("FLUSHALL")
		}
	})
}

// A replica takes over, with what had reached it.
func TestRealRedisFailover(t *testing.T) {
	primary := startRedis(t)
	primary.begin()
	replica := startRedis(t, "--replicaof", "127.0.0.1", strconv.Itoa(primary.port), "--repl-diskless-sync-delay", "0")
	way := newForwarder(t, primary.address())
	time.Sleep(2 * time.Second)
	traffic(t, "redis://"+way.address()+"/0", 10, 30, func([]*child) {
		time.Sleep(time.Second)
		primary.kill()
		way.lead(replica.address())
		time.Sleep(300 * time.Millisecond)
		replica.do("REPLICAOF", "NO", "ONE")
	})
}

func TestRealRedisNameIsBoundOnce(t *testing.T) {
	r := startRedis(t)
	r.begin()
	var all []*child
	for range 20 {
		all = append(all, start(t, "bind", r.url(), "shop"))
	}
	ids := map[string]int{}
	for _, c := range all {
		got := c.end(t)
		if len(got) != 2 {
			t.Fatalf("said %q", got)
		}
		ids[got[0]]++
		ids[got[1]]++
	}
	if len(ids) != 3 || ids["true"] != 1 || ids["false"] != 19 {
		t.Errorf("results: %v", ids)
	}
}

// A creator that is killed leaves the name to the next when its lease has ended.
func TestRealRedisKilledCreator(t *testing.T) {
	r := startRedis(t)
	r.begin()
	holder := startReady(t, "guard", r.url(), "shop")
	must(t, holder.Process.Kill())
	_ = holder.Wait()
	began := time.Now()
	got := start(t, "bind", r.url(), "shop").end(t)
	if took := time.Since(began); len(got) != 2 || got[1] != "true" || took > 2*leaseTime {
		t.Errorf("%q after %v", got, took)
	}
}

func TestRealRedisUnreachable(t *testing.T) {
	r := startRedis(t)
	r.kill()
	u, err := url.Parse(r.url())
	must(t, err)
	const timeout = 20 * time.Second // which is for servers that were there
	began := time.Now()
	_, err = OpenRedis(t.Context(), Redis{URL: u, Timeout: timeout}, "test", Options{})
	state := wantErr[*StateError](t, err)
	if state.Op != "reach" || time.Since(began) > timeout/2 {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}

func TestRealRedisPassword(t *testing.T) {
	const password = "s3cret-password"
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	port := ln.Addr().(*net.TCPAddr).Port
	must(t, ln.Close())
	conf := filepath.Join(t.TempDir(), "redis.conf")
	must(t, os.WriteFile(conf, fmt.Appendf(nil, "port %d\nbind 127.0.0.1\nsave \"\"\nrequirepass %s\nuser worker on >%s ~smp:* +@all\n", port, password, password), 0o600))
	cmd := exec.Command("redis-server", conf)
	must(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	host := "127.0.0.1:" + strconv.Itoa(port)
	for range 500 {
		if c, err := net.Dial("tcp", host); err == nil {
			_ = c.Close()
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	for name, c := range map[string]struct {
		server Redis
		ok     bool
	}{
		"from a file": {Redis{URL: &url.URL{Scheme: "redis", Host: host}, Password: password}, true},
		"in the URL":  {Redis{URL: &url.URL{Scheme: "redis", Host: host, User: url.UserPassword("", password)}}, true},
		"of a user":   {Redis{URL: &url.URL{Scheme: "redis", Host: host, User: url.User("worker")}, Password: password}, true},
		"another":     {Redis{URL: &url.URL{Scheme: "redis", Host: host}, Password: "wrong"}, false},
		"none":        {Redis{URL: &url.URL{Scheme: "redis", Host: host}}, false},
	} {
		l, err := OpenRedis(t.Context(), c.server, "test", Options{})
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (strings.Contains(err.Error(), password) || strings.Contains(err.Error(), "wrong")) && !strings.Contains(err.Error(), "WRONGPASS") {
			t.Errorf("%s: the password is told: %v", name, err)
		}
		if l != nil {
			must(t, l.Close())
		}
	}
}

// BenchmarkRealRedis is a reservation on a server on loopback, and its round trips.
func BenchmarkRealRedis(b *testing.B) {
	port := os.Getenv("REDIS_PORT")
	if port == "" {
		b.Fatal("REDIS_PORT is not set")
	}
	u, err := url.Parse("redis://127.0.0.1:" + port + "/0")
	must(b, err)
	trips := 0
	count := Redis{URL: u}
	count.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return &countingConn{c, &trips}, err
	}
	for b.Loop() {
		l, err := OpenRedis(b.Context(), count, "bench", Options{})
		must(b, err)
		reserve(b, l, "42", Pace{Delay: time.Nanosecond, Patience: NoLimit})
		must(b, l.Close())
	}
	b.ReportMetric(float64(trips)/float64(b.N), "trips/op")
}

// countingConn counts what is written: each write waits for an answer.
type countingConn struct {
	net.Conn
	writes *int
}

func (c *countingConn) Write(p []byte) (int, error) {
	*c.writes++
	return c.Conn.Write(p)
}

// forwarder leads connections to one server, and later to another.
type forwarder struct {
	ln net.Listener
	mu sync.Mutex
	to string
	on []net.Conn
}

func newForwarder(t *testing.T, to string) *forwarder {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	f := &forwarder{ln: ln, to: to}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go f.serve(c)
		}
	}()
	return f
}

func (f *forwarder) address() string { return f.ln.Addr().String() }

func (f *forwarder) serve(c net.Conn) {
	f.mu.Lock()
	to := f.to
	f.on = append(f.on, c)
	f.mu.Unlock()
	defer c.Close()
	d, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer d.Close()
	go func() { _, _ = io.Copy(d, c); _ = d.Close() }()
	_, _ = io.Copy(c, d)
}

func (f *forwarder) lead(to string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.to = to
	for _, c := range f.on {
		_ = c.Close()
	}
	f.on = nil
}
