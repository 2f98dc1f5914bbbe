package client

import (
	"io"
	"net"
	"sync/atomic"
)

// watchedConn is a connection to the endpoint that tells when the head of a request has
// left the process. net/http has no hook for that, and a busy machine may stop a process
// between the last hook and the write.
type watchedConn struct {
	net.Conn
	watch atomic.Pointer[headWatch]
}

// headWatch is told of the writes that may carry the last of a head.
type headWatch struct {
	told func()
	left atomic.Int64 // bytes
}

// headRest is what may still be to write when net/http has put a head together: its
// buffer, in records of TLS inside TLS.
const headRest = writeBuffer + writeBuffer/4

// watchHead calls told after each write that may carry the last of a head which has
// been put together, until unwatch is called.
func (c *watchedConn) watchHead(told func()) {
	h := &headWatch{told: told}
	h.left.Store(headRest)
	c.watch.Store(h)
}

func (c *watchedConn) unwatch() { c.watch.Store(nil) }

func (c *watchedConn) Write(p []byte) (int, error) {
	h := c.watch.Load() // before, since the answer may be quicker than the return
	n, err := c.Conn.Write(p)
	if h != nil && h.left.Add(int64(-n))+int64(n) > 0 {
		h.told()
	}
	return n, err
}

// ReadFrom lets the system copy a file that is uploaded.
func (c *watchedConn) ReadFrom(r io.Reader) (int64, error) { return io.Copy(c.Conn, r) }
