//go:build unix

package client

import (
	"io"
	"net"
	"os"
	"runtime"
	"syscall"
)

const (
	// floodFrom is how much one read gives where more is on its way: no TLS record is
	// as large, so it is bodies over plain connections that flood.
	floodFrom = 40 << 10
	// floodTries is how often a flood is asked for more before the reader sleeps: for
	// about a tenth of a millisecond.
	floodTries = 200
)

// floodReader is a connection that is not put to sleep for every gap in a flood.
// On a fast path the gaps are shorter than what it takes to sleep and be woken,
// which made a fifth of the time of a large body.
type floodReader struct {
	*net.TCPConn
	raw   syscall.RawConn
	flood bool // the last read gave much; reads are not concurrent
}

// readingFloods gives c, where it is a TCP connection, as a floodReader.
func readingFloods(c net.Conn) net.Conn {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return c
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return c
	}
	return &floodReader{TCPConn: tcp, raw: raw}
}

func (f *floodReader) Read(p []byte) (n int, err error) {
	if f.flood {
		n, err = f.insist(p)
	} else {
		n, err = f.TCPConn.Read(p)
	}
	f.flood = n >= floodFrom
	return n, err
}

// insist reads without sleeping for the first floodTries times that nothing is
// there. Deadlines and Close hold as for any read.
func (f *floodReader) insist(p []byte) (int, error) {
	var n int
	var failed error
	tries := 0
	err := f.raw.Read(func(fd uintptr) (done bool) {
		for ; ; tries++ {
			n, failed = syscall.Read(int(fd), p)
			switch {
			case failed == syscall.EINTR:
			case failed != syscall.EAGAIN:
				return true
			case tries >= floodTries:
				return false
			default:
				runtime.Gosched()
			}
		}
	})
	switch {
	case err != nil:
		return 0, err
	case failed != nil:
		return 0, &net.OpError{Op: "read", Net: "tcp", Source: f.LocalAddr(), Addr: f.RemoteAddr(), Err: os.NewSyscallError("read", failed)}
	case n == 0 && len(p) > 0:
		return 0, io.EOF
	}
	return n, nil
}
