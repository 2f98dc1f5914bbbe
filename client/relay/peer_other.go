//go:build !linux

package relay

import "net"

// sameUser cannot be told here.
func sameUser(net.Conn) bool { return true }
