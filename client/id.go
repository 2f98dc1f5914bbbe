package client

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
)

// ValidSessionID reports whether id is well-formed: 1 to 128 of [A-Za-z0-9._~-], and
// neither "." nor "..", which would leave /sessions.
func ValidSessionID(id string) bool {
	if id == "" || len(id) > 128 || id == "." || id == ".." {
		return false
	}
	for i := range len(id) {
		c := id[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '.', c == '_', c == '~', c == '-':
		default:
			return false
		}
	}
	return true
}

// assignableID reports whether a server may name a session ID. The word "create" is
// none: sent back, it would ask for another session.
func assignableID(id string) bool { return ValidSessionID(id) && id != "create" }

func isUUID4(s string) bool {
	plain := strings.ReplaceAll(s, "-", "")
	raw, err := hex.DecodeString(plain)
	return err == nil && len(raw) == 16 && strings.EqualFold(s, formatUUID(raw)) && raw[6]>>4 == 4 && raw[8]>>6 == 2
}

// newUUID4 makes a session ID for a service whose clients choose them.
func newUUID4() string {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // never fails
	raw[6] = raw[6]&0x0f | 4<<4
	raw[8] = raw[8]&0x3f | 2<<6
	return formatUUID(raw)
}

func formatUUID(raw []byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", raw[:4], raw[4:6], raw[6:8], raw[8:10], raw[10:])
}
