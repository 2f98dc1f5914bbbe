package servicetest

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Intercept has every write of the client pass through f before it is sent. An error
// breaks the connection; else the answer comes as late as f says.
func (s *Service) Intercept(f func(request string) (late time.Duration, err error)) {
	s.t.Helper()
	s.Connect(func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := s.Mock.DialContext(ctx, network, addr)
		return &interceptedConn{Conn: conn, before: f, closed: make(chan struct{})}, err
	})
}

type interceptedConn struct {
	net.Conn
	before func(request string) (time.Duration, error)
	late   atomic.Int64
	closed chan struct{}
	once   sync.Once
}

func (c *interceptedConn) Write(b []byte) (int, error) {
	late, err := c.before(string(b))
	if err != nil {
		return 0, err
	}
	c.late.Store(int64(late))
	return c.Conn.Write(b)
}

func (c *interceptedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if late := c.late.Swap(0); late > 0 {
		select {
		case <-time.After(time.Duration(late)):
		case <-c.closed:
		}
	}
	return n, err
}

func (c *interceptedConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
