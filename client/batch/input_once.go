package batch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// checkOnce refuses a line that has a member twice, or a header: of two values the
// decoder keeps one and says nothing. It looks for the names alone, in a line that
// has been decoded: the objects in it are the line itself and its headers.
func checkOnce(text []byte) error {
	var members, headers nameSet
	in := &members
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{':
			if i > 0 {
				in = &headers
			}
		case '}':
			in = &members
		case '"':
			quoted := text[i : i+quotedLength(text[i:])]
			i += len(quoted) - 1
			if rest := bytes.TrimLeft(text[i+1:], " \t\r\n"); rest[0] != ':' {
				continue // a value
			}
			if name := unquoted(quoted); !in.add(name) {
				return fmt.Errorf("%q is there twice", name)
			}
		}
	}
	return nil
}

// nameSet holds the names of one object. Neither the decoder nor HTTP tells
// capitals from small letters.
type nameSet struct {
	few  [8][]byte // enough for most lines, and cheap: lists are long
	n    int
	many map[string]bool // the others, in capitals
}

func (s *nameSet) add(name []byte) (isNew bool) {
	if slices.ContainsFunc(s.few[:s.n], func(known []byte) bool { return bytes.EqualFold(known, name) }) {
		return false
	}
	if s.n < len(s.few) {
		s.few[s.n] = name
		s.n++
		return true
	}
	if s.many == nil {
		s.many = make(map[string]bool)
	}
	key := strings.ToUpper(string(name))
	isNew = !s.many[key]
	s.many[key] = true
	return isNew
}

// quotedLength is the length of the JSON string that text begins with.
func quotedLength(text []byte) int {
	for i := 1; ; i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

func unquoted(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var name string
	_ = json.Unmarshal(quoted, &name)
	return []byte(name)
}
