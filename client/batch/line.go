package batch

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
)

// Line is one entry of a list.
type Line struct {
	Number int    // in the list, from 1; comments and blank lines are counted too
	Digest Digest // of its text
	Err    error  // why it cannot be fetched; nil for a good line

	URL    string              // as written
	Method string              // "": what the caller takes for all lines
	Header map[string][]string // beside the caller's for all lines, names as written; no values: not to be sent
	Body   *string             // nil: what the caller takes for all lines
	ID     json.RawMessage     // the caller's own mark, a JSON string or number; nil for none
}

// IDText is what ID says: a string without its quotes and escapes, a number as it
// is written, "" for none.
func (l *Line) IDText() string {
	var text string
	if len(l.ID) == 0 || l.ID[0] != '"' || json.Unmarshal(l.ID, &text) != nil {
		return string(l.ID)
	}
	return text
}

// Digest identifies the text of a line: the first 64 bits of its SHA-256, spaces
// around it excluded.
type Digest uint64

func digestOf(text []byte) Digest {
	sum := sha256.Sum256(text)
	return Digest(binary.BigEndian.Uint64(sum[:8]))
}

// MarshalText writes sixteen hexadecimal digits.
func (d Digest) MarshalText() ([]byte, error) {
	return hex.AppendEncode(nil, binary.BigEndian.AppendUint64(nil, uint64(d))), nil
}

// UnmarshalText reads what MarshalText writes.
func (d *Digest) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 16, 64)
	if err != nil || len(text) != 16 {
		return errors.New("a digest is sixteen hexadecimal digits")
	}
	*d = Digest(n)
	return nil
}
