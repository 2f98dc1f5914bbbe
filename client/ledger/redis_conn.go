package ledger

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gomodule/redigo/redis"
)

// redisConn is a connection on which the script is loaded.
type redisConn struct {
	redis.Conn
	script string // its digest
	runID  string // of the server's process

	// What the greeting said of the epoch in the two hashes, and of the time.
	epochs [2]string
	time   instant
}

// redisConns are a few connections, made as they are needed.
type redisConns struct {
	server  Redis
	keys    [2]string
	program context.Context // after its end a call has lastWord
	silent  atomic.Bool     // and one was not answered, so that none is made any more
	slots   chan struct{}

	mu     sync.Mutex
	idle   []*redisConn
	before bool // one was made before
	closed bool
}

const (
	maxRedisConns = 8
	lastWord      = 500 * time.Millisecond // for a call of a program that is to end, whatever the server does
)

func newRedisConns(ctx context.Context, server Redis, keys [2]string) *redisConns {
	return &redisConns{server: server, keys: keys, program: ctx, slots: make(chan struct{}, maxRedisConns)}
}

// use calls f with a connection that nobody else uses. Where the connection breaks, f
// is called again with another: what f does is done twice without harm. A server that
// was there before is given the timeout to come back, as after a restart.
func (p *redisConns) use(ctx context.Context, f func(*redisConn) error) error {
	if p.silent.Load() {
		return errNoAnswer
	}
	ctx, done := p.limit(ctx)
	defer done()
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	began, pause := time.Now(), 10*time.Millisecond
	for try := 1; ; try++ {
		err := p.once(ctx, f)
		if cause := context.Cause(ctx); err != nil && cause != nil {
			if cause == errNoAnswer {
				p.silent.Store(true)
			}
			return cause
		}
		if err == nil || errors.Is(err, errOwnerLost) || final(err) {
			return err
		}
		if !p.reached() && (try > 3 || !broken(err)) || time.Since(began)+pause > p.server.Timeout {
			return err
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
		pause = min(2*pause, 500*time.Millisecond)
	}
}

// limit ends ctx a lastWord after the end of the program's own context.
func (p *redisConns) limit(ctx context.Context) (limited context.Context, done func()) {
	limited, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(p.program, func() {
		time.AfterFunc(lastWord, func() { cancel(errNoAnswer) })
	})
	return limited, func() { stop(); cancel(nil) }
}

// broken reports whether there was somebody who then broke off.
func broken(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// final reports whether the server has refused for good, as for a wrong password.
func final(err error) bool {
	var refused redis.Error
	if !errors.As(err, &refused) {
		return false
	}
	for _, passing := range []string{"LOADING", "READONLY", "MASTERDOWN", "NOSCRIPT", "TRYAGAIN", "BUSY"} {
		if strings.HasPrefix(string(refused), passing) {
			return false
		}
	}
	return true
}

func (p *redisConns) once(ctx context.Context, f func(*redisConn) error) error {
	c := p.take()
	if c == nil {
		var err error
		if c, err = p.dial(ctx); err != nil {
			return err
		}
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	err := f(c)
	if !stop() || err != nil {
		_ = c.Close()
		return err
	}
	p.put(c)
	return nil
}

func (p *redisConns) take() *redisConn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) == 0 {
		return nil
	}
	c := p.idle[len(p.idle)-1]
	p.idle = p.idle[:len(p.idle)-1]
	return c
}

func (p *redisConns) put(c *redisConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_ = c.Close()
		return
	}
	p.idle = append(p.idle, c)
}

func (p *redisConns) reached() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.before && !p.closed
}

func (p *redisConns) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	for c := p.take(); c != nil; c = p.take() {
		_ = c.Close()
	}
}

// dial connects, and greets in one round trip.
func (p *redisConns) dial(ctx context.Context) (*redisConn, error) {
	r := p.server
	ctx, cancel := context.WithTimeoutCause(ctx, r.Timeout, errNoAnswer)
	defer cancel()
	dial := r.dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	raw, err := dial(ctx, "tcp", r.address())
	if err != nil {
		return nil, bareDialError(ctx, err)
	}
	if r.URL.Scheme == "rediss" {
		secure := tls.Client(raw, &tls.Config{ServerName: r.URL.Hostname()})
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = raw.Close()
			return nil, bareDialError(ctx, err)
		}
		raw = secure
	}
	c := &redisConn{Conn: redis.NewConn(raw, r.Timeout, r.Timeout)}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	if err := c.greet(r, p.keys); err != nil {
		_ = c.Close()
		return nil, cmp.Or(context.Cause(ctx), err)
	}
	p.mu.Lock()
	p.before = true
	p.mu.Unlock()
	return c, nil
}

var errNoAnswer = errors.New("no answer in time")

// bareDialError leaves out what the message says around it.
func bareDialError(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}

func (c *redisConn) greet(r Redis, keys [2]string) error {
	login := c.sendGreeting(r, keys)
	if err := c.Flush(); err != nil {
		return err
	}
	for range login {
		if _, err := c.Receive(); err != nil {
			return err
		}
	}
	var err error
	if c.script, err = redis.String(c.Receive()); err != nil {
		return err
	}
	info, err := redis.String(c.Receive())
	if err != nil {
		return err
	}
	if c.runID = infoField(info, "run_id"); c.runID == "" {
		return errors.New("it does not say which run of the server it is (INFO server)")
	}
	return c.receiveEpoch()
}

// sendGreeting sends what logs in, and says how many commands that takes; then what greet
// and receiveEpoch receive. Errors are those of Flush and Receive.
func (c *redisConn) sendGreeting(r Redis, keys [2]string) (login int) {
	if user, password := r.credentials(); password != "" {
		args := []any{password}
		if user != "" {
			args = []any{user, password}
		}
		login++
		_ = c.Send("AUTH", args...)
	}
	if n := r.database(); n != 0 {
		login++
		_ = c.Send("SELECT", n)
	}
	_ = c.Send("SCRIPT", "LOAD", compareAndSet)
	_ = c.Send("INFO", "server")
	_ = c.Send("HGET", keys[0], "epoch")
	_ = c.Send("HGET", keys[1], "epoch")
	_ = c.Send("TIME")
	return login
}

func (c *redisConn) receiveEpoch() error {
	for i := range c.epochs {
		var err error
		if c.epochs[i], err = redis.String(c.Receive()); err != nil && !errors.Is(err, redis.ErrNil) {
			return err
		}
	}
	v, err := redis.ByteSlices(c.Receive())
	if err != nil || len(v) != 2 {
		return errors.Join(err, errors.New("it does not say what time it is"))
	}
	c.time, err = parseTime(v[0], v[1])
	return err
}

func (r Redis) credentials() (user, password string) {
	if r.URL.User == nil {
		return "", r.Password
	}
	password, _ = r.URL.User.Password()
	if r.Password != "" {
		password = r.Password
	}
	return r.URL.User.Username(), password
}

func infoField(info, name string) string {
	for line := range strings.Lines(info) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
