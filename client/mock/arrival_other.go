//go:build !linux

package mock

import (
	"net"
	"time"
)

// arrivals is for systems that say when they had what is read.
type arrivals struct{ net.Conn }

func stampArrivals(net.Listener) {}

func newArrivals(net.Conn) *arrivals { return nil }

func (a *arrivals) read(p []byte) (n int, ago time.Duration, err error) {
	n, err = a.Read(p)
	return n, 0, err
}
