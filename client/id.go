package client

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
