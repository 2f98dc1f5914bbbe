package batch

import (
	"fmt"
	"net/url"
	"path"
	"strings"
)

// maxName bounds the part of a file's name that comes from its URL.
const maxName = 80

// bodyName is the name of the file for a line's body. The name is the same in every
// run, so that a line has one file; the number makes it unlike any other. No byte
// of the URL that means something to a file system is in the name.
func bodyName(line *Line, target string) string {
	name := fmt.Sprintf("%06d", line.Number)
	u, err := url.Parse(target)
	if err != nil {
		return name
	}
	if from := plain(u.Hostname() + u.Path); from != "" {
		name += "-" + from
	}
	return name
}

// plain makes a name of letters, digits, dots and dashes; anything else is an
// underscore. A short extension survives when the name is cut.
func plain(s string) string {
	s = strings.Map(plainRune, s)
	for strings.Contains(s, "__") {
		s = strings.ReplaceAll(s, "__", "_")
	}
	s = strings.Trim(s, "._-")
	if len(s) <= maxName {
		return s
	}
	ext := path.Ext(s)
	if len(ext) > 8 {
		ext = ""
	}
	return strings.TrimRight(s[:maxName-len(ext)], "._-") + ext
}

func plainRune(r rune) rune {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '-':
		return r
	}
	return '_'
}
