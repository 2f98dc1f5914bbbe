package relay

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
)

// sameUser reports whether the other end of a loopback connection belongs to the user
// that the relay runs as. It also allows root, from whom nothing on the machine is
// safe. What does not come over TCP is not this question's concern. Gone says that no
// program holds the other end any more.
//
// Every user of a machine reaches its loopback ports, and would spend the API key.
func sameUser(c net.Conn) (same, gone bool) {
	local, ok1 := c.LocalAddr().(*net.TCPAddr)
	remote, ok2 := c.RemoteAddr().(*net.TCPAddr)
	if !ok1 || !ok2 {
		return true, false
	}
	uid, found, err := socketOwner(remote.AddrPort(), local.AddrPort())
	return found && (uid == os.Getuid() || uid == 0), !found && err == nil
}

// socketOwner finds whose the socket with these two ends is. The error says that the
// system does not tell.
func socketOwner(local, remote netip.AddrPort) (uid int, found bool, err error) {
	if uid, found, err := askForOwner(local, remote); err == nil {
		return uid, found, nil
	}
	return ownerInTables(local, remote)
}

// ownerInTables is for kernels that cannot be asked for one socket: reading the tables
// takes milliseconds. A program may have opened an IPv6 socket for an IPv4 address,
// which is in another table.
func ownerInTables(local, remote netip.AddrPort) (uid int, found bool, err error) {
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		// A table that changes while it is read may lack a line for once.
		for range 2 {
			var text []byte
			if text, err = os.ReadFile(table); err != nil {
				break
			}
			if uid, found := ownerIn(text, entry(local, table)+" "+entry(remote, table)); found {
				return uid, true, nil
			}
		}
	}
	return 0, false, err
}

// ownerIn reads the line of a table (proc_net_tcp in the kernel's documents) that
// has these ends. A socket that no program holds any more has no inode, and a uid
// that says nothing.
func ownerIn(table []byte, ends string) (uid int, found bool) {
	_, rest, ok := bytes.Cut(table, []byte(" "+ends+" "))
	if !ok {
		return 0, false
	}
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	fields := bytes.Fields(line) // state, queues, timer, retransmissions, uid, timeout, inode
	if len(fields) < 7 || string(fields[6]) == "0" {
		return 0, false
	}
	uid, err := strconv.Atoi(string(fields[4]))
	return uid, err == nil
}

// entry writes an address as the tables do: in words of four bytes, each in the
// machine's byte order.
func entry(a netip.AddrPort, table string) string {
	ip := a.Addr().Unmap().AsSlice()
	if table == "/proc/net/tcp6" {
		as16 := a.Addr().As16()
		ip = as16[:]
	}
	var b []byte
	for ; len(ip) >= 4; ip = ip[4:] {
		b = fmt.Appendf(b, "%08X", binary.NativeEndian.Uint32(ip))
	}
	return fmt.Sprintf("%s:%04X", b, a.Port())
}
