package relay

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"

	"golang.org/x/sys/unix"
)

// socketID is what identifies a socket in sock_diag(7). Ports and addresses are in
// network byte order.
type socketID struct {
	Port, PeerPort [2]byte
	Addr, PeerAddr [16]byte
	Interface      uint32
	Cookie         [2]uint32
}

// diagRequest asks for one socket.
type diagRequest struct {
	Header                     unix.NlMsghdr
	Family, Protocol, Ext, Pad uint8
	States                     uint32
	ID                         socketID
}

// diagAnswer is the kernel's answer, an inet_diag_msg, behind its header.
type diagAnswer struct {
	Family, State, Timer, Retrans    uint8
	ID                               socketID
	Expires, ReceiveQueue, SendQueue uint32
	UID, Inode                       uint32
}

// errNoAnswer says that the kernel does not tell of sockets here.
var errNoAnswer = errors.New("no answer of the kernel's")

// askForOwner asks the kernel whose the socket with these two ends is. It takes
// microseconds however many sockets there are.
func askForOwner(local, remote netip.AddrPort) (uid int, found bool, err error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return 0, false, err
	}
	defer unix.Close(fd)
	id := newSocketID(local, remote)
	if err := unix.Sendto(fd, encodeDiag(local, id), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return 0, false, err
	}
	var answer [1024]byte // which is there when the request has been sent
	n, _, err := unix.Recvfrom(fd, answer[:], unix.MSG_DONTWAIT)
	if err != nil {
		return 0, false, err
	}
	return ownerOf(answer[:n], id)
}

func newSocketID(local, remote netip.AddrPort) socketID {
	id := socketID{Cookie: [2]uint32{^uint32(0), ^uint32(0)}} // which is not known
	binary.BigEndian.PutUint16(id.Port[:], local.Port())
	binary.BigEndian.PutUint16(id.PeerPort[:], remote.Port())
	copy(id.Addr[:], local.Addr().Unmap().AsSlice())
	copy(id.PeerAddr[:], remote.Addr().Unmap().AsSlice())
	return id
}

func encodeDiag(local netip.AddrPort, id socketID) []byte {
	request := diagRequest{Family: unix.AF_INET, Protocol: unix.IPPROTO_TCP, States: ^uint32(0), ID: id}
	if local.Addr().Unmap().Is6() {
		request.Family = unix.AF_INET6
	}
	request.Header = unix.NlMsghdr{
		Len: uint32(binary.Size(request)), Type: unix.SOCK_DIAG_BY_FAMILY, Flags: unix.NLM_F_REQUEST,
	}
	var b bytes.Buffer
	_ = binary.Write(&b, binary.NativeEndian, request)
	return b.Bytes()
}

// ownerOf reads the kernel's answer. For want of the connection the kernel names a
// socket that listens. A socket that no program holds any more has no inode, and a
// uid that says nothing.
func ownerOf(answer []byte, id socketID) (uid int, found bool, err error) {
	r := bytes.NewReader(answer)
	var header unix.NlMsghdr
	if err := binary.Read(r, binary.NativeEndian, &header); err != nil {
		return 0, false, err
	}
	switch header.Type {
	case unix.NLMSG_ERROR:
		var code int32
		if err := binary.Read(r, binary.NativeEndian, &code); err != nil || unix.Errno(-code) != unix.ENOENT {
			return 0, false, errNoAnswer
		}
		return 0, false, nil
	case unix.SOCK_DIAG_BY_FAMILY:
	default:
		return 0, false, errNoAnswer
	}
	var socket diagAnswer
	if err := binary.Read(r, binary.NativeEndian, &socket); err != nil {
		return 0, false, err
	}
	same := socket.ID.Port == id.Port && socket.ID.PeerPort == id.PeerPort // the addresses may be written as IPv6 ones
	return int(socket.UID), same && socket.Inode != 0, nil
}
