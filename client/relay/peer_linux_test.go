package relay

import (
	"net"
	"net/netip"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func TestSocketOwner(t *testing.T) {
	t.Parallel()
	for _, network := range []string{"tcp4", "tcp6"} {
		address := map[string]string{"tcp4": "127.0.0.1:0", "tcp6": "[::1]:0"}[network]
		l, err := net.Listen(network, address)
		if err != nil {
			t.Logf("no loopback of %s here: %v", network, err)
			continue
		}
		defer l.Close()
		c, err := net.Dial(network, l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		accepted, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer accepted.Close()
		if same, gone := sameUser(accepted); !same || gone {
			t.Errorf("%s: this very process is another user: %t, or gone: %t", network, !same, gone)
		}
		here := netip.MustParseAddrPort(c.LocalAddr().String())
		there := netip.MustParseAddrPort(c.RemoteAddr().String())
		ways := map[string]func(local, remote netip.AddrPort) (int, bool, error){
			"tables": ownerInTables,
			"kernel": func(local, remote netip.AddrPort) (int, bool, error) {
				uid, found, err := askForOwner(local, remote)
				if err != nil {
					t.Logf("%s: this kernel is not asked: %v", network, err)
					return ownerInTables(local, remote)
				}
				return uid, found, nil
			},
		}
		for way, owner := range ways {
			if uid, found, err := owner(here, there); !found || uid != os.Getuid() {
				t.Errorf("%s, %s: uid %d, %t, %v", network, way, uid, found, err)
			}
			if _, found, _ := owner(here, netip.AddrPortFrom(there.Addr(), 1)); found {
				t.Errorf("%s, %s: a connection that is not there has an owner", network, way)
			}
			// For want of the connection the kernel finds the socket that listens.
			if _, found, _ := owner(there, netip.AddrPortFrom(here.Addr(), 1)); found {
				t.Errorf("%s, %s: a socket that listens is taken for a connection", network, way)
			}
		}
		c.Close()
		for way, owner := range ways {
			if _, found, _ := owner(here, there); found {
				t.Errorf("%s, %s: a socket that no program holds has an owner", network, way)
			}
		}
		if same, gone := sameUser(accepted); same || !gone {
			t.Errorf("%s: a client that has closed its end: %t, gone: %t", network, same, gone)
		}
	}
}

// Java opens IPv6 sockets for IPv4 addresses, too.
func TestSocketOwnerOfMappedAddress(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Logf("no IPv6 here: %v", err)
		return
	}
	defer unix.Close(fd)
	to := l.Addr().(*net.TCPAddr)
	mapped := netip.AddrFrom4([4]byte(to.IP.To4()))
	if err := unix.Connect(fd, &unix.SockaddrInet6{Port: to.Port, Addr: mapped.As16()}); err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer accepted.Close()
	here, there := accepted.RemoteAddr().(*net.TCPAddr).AddrPort(), to.AddrPort()
	if uid, found, err := socketOwner(here, there); !found || uid != os.Getuid() {
		t.Errorf("uid %d, %t, %v", uid, found, err)
	}
	if uid, found, err := ownerInTables(here, there); !found || uid != os.Getuid() {
		t.Errorf("tables: uid %d, %t, %v", uid, found, err)
	}
}

func TestOwnerIn(t *testing.T) {
	t.Parallel()
	const table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n" +
		"   0: 0100007F:9C40 0100007F:1F4C 01 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000000000000000 20 4 0 10 -1\n" +
		"   1: 0100007F:9C41 0100007F:1F4C 05 00000000:00000000 03:000001AB 00000000     0        0 0 3 0000000000000000\n"
	if uid, found := ownerIn([]byte(table), "0100007F:9C40 0100007F:1F4C"); uid != 1000 || !found {
		t.Errorf("%d, %t", uid, found)
	}
	if uid, found := ownerIn([]byte(table), "0100007F:9C41 0100007F:1F4C"); found {
		t.Errorf("an orphan belongs to %d", uid)
	}
	if uid, found := ownerIn([]byte(table), "0100007F:1F4C 0100007F:9C40"); found {
		t.Errorf("the other end belongs to %d", uid)
	}
}
