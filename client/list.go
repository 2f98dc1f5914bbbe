package client

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A list of sessions is bounded at ten times what the service documents, 5,000.
const (
	listLimit  = 50_000
	listLength = 8 << 20 // bytes
)

var errTooLong = errors.New("a list of more sessions than there can be")

// decodeList reads the JSON object of ids and outgoing IPs that GET /sessions answers
// with (DOC). The form of an empty list is not known (UNK): an empty body counts as
// one. The last IP of an id named twice counts; an IP that is no string is unknown.
// Errors of r are returned as they are.
func decodeList(r io.Reader) ([]Session, error) {
	dec := json.NewDecoder(&limitedReader{r: r, left: listLength})
	dec.UseNumber()
	switch start, err := dec.Token(); {
	case err == io.EOF:
		return nil, nil
	case err != nil:
		return nil, notAList(err)
	case start != json.Delim('{'):
		return nil, notAList(errors.New("not an object"))
	}
	ips := make(map[string]string)
	for dec.More() {
		id, ip, err := decodeEntry(dec)
		if err != nil {
			return nil, notAList(err)
		}
		if assignableID(id) {
			ips[id] = ip
		}
		if len(ips) > listLimit {
			return nil, errTooLong
		}
	}
	if _, err := dec.Token(); err != nil {
		return nil, notAList(err)
	}
	return inOrder(ips), nil
}

func decodeEntry(dec *json.Decoder) (id, ip string, err error) {
	key, err := dec.Token()
	if err != nil {
		return "", "", err
	}
	value, err := dec.Token()
	if err != nil {
		return "", "", err
	}
	if _, nested := value.(json.Delim); nested {
		return key.(string), "", skip(dec)
	}
	ip, _ = value.(string)
	return key.(string), hostPart(ip), nil
}

// nestingLimit bounds the memory that the decoder needs for open values.
const nestingLimit = 100

// skip reads to the end of a value that has been opened.
func skip(dec *json.Decoder) error {
	for depth := 1; depth > 0; {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			if depth++; depth > nestingLimit {
				return errors.New("it is nested too deep")
			}
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return nil
}

// notAList says what is wrong with the JSON. Errors of the reader pass unchanged.
func notAList(err error) error {
	var broken *Error
	if errors.As(err, &broken) || errors.Is(err, errTooLong) {
		return err
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = errors.New("it ends early")
	}
	return fmt.Errorf("not a list of sessions (%s)", capped(err.Error(), 100))
}

func inOrder(ips map[string]string) []Session {
	sessions := make([]Session, 0, len(ips))
	for id, ip := range ips {
		sessions = append(sessions, Session{ID: id, IP: ip})
	}
	slices.SortFunc(sessions, func(a, b Session) int { return CompareIDs(a.ID, b.ID) })
	return sessions
}

// CompareIDs orders session IDs: numeric ones first, by value, then all others by
// their bytes.
func CompareIDs(a, b string) int {
	numA, numB := numeric(a), numeric(b)
	switch {
	case numA && numB:
		x, y := strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		return cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y), strings.Compare(a, b))
	case numA:
		return -1
	case numB:
		return 1
	}
	return strings.Compare(a, b)
}

func numeric(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// limitedReader fails at its limit, where io.LimitedReader would end as if the input
// did.
type limitedReader struct {
	r    io.Reader
	left int64
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooLong
	}
	n, err := l.r.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}

// prefixReader keeps the first bytes read through it, so that an error can quote them.
type prefixReader struct {
	r     io.Reader
	limit int
	kept  []byte
}

func (h *prefixReader) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	h.kept = append(h.kept, p[:min(n, h.limit-len(h.kept))]...)
	return n, err
}
