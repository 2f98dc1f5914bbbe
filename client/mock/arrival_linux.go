package mock

import (
	"encoding/binary"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// arrivals reads from a TCP connection and says how long ago the system had what was
// read. A busy machine gives a process the processor a tenth of a second later, which
// would make the client's next request seem early.
type arrivals struct {
	raw     syscall.RawConn
	receive func(fd uintptr) bool // a method, bound once: each read would allocate it

	// Of the read under way; there is one at a time.
	p       []byte
	n       int
	control [64]byte
	size    int // of what is in control
	failed  error
}

// stampArrivals has the system note when bytes arrive at the connections of l, also
// before they are accepted. Without it they arrive when they are read.
func stampArrivals(l net.Listener) {
	tcp, ok := l.(*net.TCPListener)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1) })
}

// newArrivals returns nil where the system cannot say it.
func newArrivals(c net.Conn) *arrivals {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	a := &arrivals{raw: raw}
	a.receive = a.recvmsg
	return a
}

// read is Read, of at least one byte.
func (a *arrivals) read(p []byte) (n int, ago time.Duration, err error) {
	a.p = p
	err = a.raw.Read(a.receive)
	a.p = nil
	switch {
	case err != nil:
		return 0, 0, err
	case a.failed != nil:
		return 0, 0, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("recvmsg", a.failed)}
	case a.n == 0:
		return 0, 0, io.EOF
	}
	return a.n, since(a.control[:a.size]), nil
}

// recvmsg reports whether it is done: there is something, or nothing ever will be.
func (a *arrivals) recvmsg(fd uintptr) bool {
	for {
		a.n, a.size, _, _, a.failed = unix.Recvmsg(int(fd), a.p, a.control[:], 0)
		if a.failed != unix.EINTR {
			return a.failed != unix.EAGAIN
		}
	}
}

// mostAgo bounds what is believed: the time is that of a clock that may be set.
const mostAgo = 5 * time.Second

// since is how long ago the time in control was; 0 without a time.
func since(control []byte) time.Duration {
	for len(control) > 0 {
		header, data, rest, err := unix.ParseOneSocketControlMessage(control)
		if err != nil {
			return 0
		}
		if header.Level == unix.SOL_SOCKET && header.Type == unix.SO_TIMESTAMPNS && len(data) >= 16 {
			at := time.Unix(int64(binary.NativeEndian.Uint64(data)), int64(binary.NativeEndian.Uint64(data[8:])))
			if ago := time.Since(at); 0 < ago && ago < mostAgo {
				return ago
			}
		}
		control = rest
	}
	return 0
}
