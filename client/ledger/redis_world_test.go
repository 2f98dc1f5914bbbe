package ledger

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

// startServer starts a Redis server in memory. It says of itself what INFO does.
func startServer(t *testing.T) *miniredis.Miniredis {
	t.Helper()
	m := miniredis.NewMiniRedis()
	conn, err := m.Dial()
	must(t, err)
	t.Cleanup(m.Close)
	t.Cleanup(func() { _ = conn.Close() })
	runAs(m, "first")
	return m
}

// runAs makes the server say that it is this run of the server's process.
func runAs(m *miniredis.Miniredis, runID string) {
	m.Server().SetPreHook(func(c *server.Peer, cmd string, args ...string) bool {
		if cmd != "INFO" {
			return false
		}
		c.WriteBulk("# Server\r\nrun_id:" + runID + "\r\n")
		return true
	})
}

func atServer(m *miniredis.Miniredis) Redis {
	return Redis{
		URL: &url.URL{Scheme: "redis", Host: "server:6379"},
		dial: func(context.Context, string, string) (net.Conn, error) {
			conn, err := m.Dial()
			if err != nil {
				return nil, err
			}
			return newBuffered(conn), nil
		},
		local: bubbleClock,
	}
}

func serverRecords(m *miniredis.Miniredis, k kind) map[string]string {
	records := map[string]string{}
	fields, _ := m.HKeys("smp:{test}")
	for _, field := range fields {
		if strings.HasPrefix(field, string(k)+" ") {
			records[field] = m.HGet("smp:{test}", field)
		}
	}
	return records
}

// buffered writes like a socket, which takes what its reader has no time for.
type buffered struct {
	net.Conn
	mu     sync.Mutex
	more   *sync.Cond
	queue  []byte
	closed bool
}

func newBuffered(conn net.Conn) *buffered {
	b := &buffered{Conn: conn}
	b.more = sync.NewCond(&b.mu)
	go b.write()
	return b
}

func (b *buffered) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return 0, io.ErrClosedPipe
	}
	b.queue = append(b.queue, p...)
	b.more.Signal()
	return len(p), nil
}

func (b *buffered) write() {
	for {
		b.mu.Lock()
		for len(b.queue) == 0 && !b.closed {
			b.more.Wait()
		}
		p := b.queue
		b.queue = nil
		done := b.closed && len(p) == 0
		b.mu.Unlock()
		if done {
			_ = b.Conn.Close()
			return
		}
		if _, err := b.Conn.Write(p); err != nil {
			_ = b.Conn.Close()
			return
		}
	}
}

// Close lets what was written arrive, as a socket does.
func (b *buffered) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.more.Signal()
	return nil
}

func (b *buffered) SetReadDeadline(t time.Time) error  { return b.Conn.SetReadDeadline(t) }
func (b *buffered) SetWriteDeadline(t time.Time) error { return nil }

// A server that has fallen silent does not keep a program that is interrupted: the
// reservation is given up, not the wait for an answer sat out.
func TestInterruptedWhileTheServerIsSilent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := atServer(startServer(t))
		dial := server.dial
		var silent atomic.Bool
		server.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			return &mutedConn{Conn: conn, muted: &silent}, err
		}
		ctx, interrupt := context.WithCancelCause(t.Context())
		l, err := OpenRedis(ctx, server, "test", Options{})
		must(t, err)
		ticket, err := l.Reserve("42", anyWait)
		must(t, err)
		silent.Store(true)
		signal := errors.New("a signal")
		time.AfterFunc(time.Second, func() { interrupt(signal) })
		if err := ticket.Start(ctx, nil); !errors.Is(err, signal) {
			t.Errorf("%v", err)
		}
		began := time.Now()
		ticket.Cancel()
		_, _, _ = l.Session("42")
		must(t, l.Close())
		if took := time.Since(began); took > lastWord {
			t.Errorf("it took %v to end", took)
		}
	})
}

// mutedConn loses what is written to it while it is muted.
type mutedConn struct {
	net.Conn
	muted *atomic.Bool
}

func (c *mutedConn) Write(p []byte) (int, error) {
	if c.muted.Load() {
		return len(p), nil
	}
	return c.Conn.Write(p)
}
