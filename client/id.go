package client

// ValidSessionID says whether id may be a session's: 1 to 128 of
// [A-Za-z0-9._~-], and neither "." nor "..", which would leave /sessions.
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

// givenID says whether a server may give id to a session: "create" would ask for
// yet another one.
func givenID(id string) bool { return ValidSessionID(id) && id != "create" }
