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
type arrivals struct{ raw syscall.RawConn }

// newArrivals returns nil where the system does not say it.
func newArrivals(c net.Conn) *arrivals {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	var refused error
	err = raw.Control(func(fd uintptr) {
		refused = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	})
	if err != nil || refused != nil {
		return nil
	}
	return &arrivals{raw}
}

// read is Read, of at least one byte.
func (a *arrivals) read(p []byte) (n int, ago time.Duration, err error) {
	var control [64]byte
	var size int
	var failed error
	err = a.raw.Read(func(fd uintptr) bool {
		n, size, _, _, failed = unix.Recvmsg(int(fd), p, control[:], 0)
		for failed == unix.EINTR {
			n, size, _, _, failed = unix.Recvmsg(int(fd), p, control[:], 0)
		}
		return failed != unix.EAGAIN
	})
	switch {
	case err != nil:
		return 0, 0, err
	case failed != nil:
		return 0, 0, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("recvmsg", failed)}
	case n == 0:
		return 0, 0, io.EOF
	}
	return n, since(control[:size]), nil
}

// mostAgo bounds what is believed: the time is that of a clock that may be set.
const mostAgo = 5 * time.Second

// since is how long ago the time in control was; 0 without a time.
func since(control []byte) time.Duration {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return 0
	}
	for _, m := range messages {
		if m.Header.Level != unix.SOL_SOCKET || m.Header.Type != unix.SO_TIMESTAMPNS || len(m.Data) < 16 {
			continue
		}
		at := time.Unix(int64(binary.NativeEndian.Uint64(m.Data)), int64(binary.NativeEndian.Uint64(m.Data[8:])))
		if ago := time.Since(at); 0 < ago && ago < mostAgo {
			return ago
		}
	}
	return 0
}
