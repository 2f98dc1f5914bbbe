package relay

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"

	"smp/client"
)

// isLoopback reports whether a host is this machine for whoever asks for it, however
// the host is spelt.
func isLoopback(host string) bool {
	ascii, _ := client.ASCIIHost(host) // digits have other forms, too
	host = strings.TrimRight(cmp.Or(ascii, host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		ip = parseIPv4(host)
	}
	ip = ip.Unmap()
	return ip.IsLoopback() || ip.IsUnspecified()
}

// parseIPv4 reads an address as browsers and inet_aton(3) do (URL standard, section
// 3.5). It takes one to four numbers, each decimal, octal or hexadecimal, of which
// the last fills the rest of the address. The zero Addr is none.
func parseIPv4(s string) netip.Addr {
	parts := strings.Split(s, ".")
	if len(parts) > 4 {
		return netip.Addr{}
	}
	var address uint64
	for i, part := range parts {
		octets := 1
		if i == len(parts)-1 {
			octets = 4 - i
		}
		n, err := parseNumber(part)
		if err != nil || n >= 1<<(8*octets) {
			return netip.Addr{}
		}
		address = address<<(8*octets) | n
	}
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, uint32(address))))
}

// parseNumber reads one number of an address. A "0x" without digits is zero.
func parseNumber(s string) (uint64, error) {
	if digits, found := strings.CutPrefix(s, "0x"); found {
		return strconv.ParseUint(cmp.Or(digits, "0"), 16, 32)
	}
	if len(s) > 1 && s[0] == '0' {
		return strconv.ParseUint(s, 8, 32)
	}
	return strconv.ParseUint(s, 10, 32)
}
