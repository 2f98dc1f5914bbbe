package batch

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"unicode"
)

// maxLine bounds the text of one line, which is held in memory while it is
// fetched.
const maxLine = 8 << 20

// errLongLine marks a line that is not read into memory.
var errLongLine = fmt.Errorf("the line is longer than %d MiB", maxLine>>20)

// Reader reads a list: a URL or a JSON object per line. Blank lines and those that
// begin with # are skipped, and so is a byte order mark. It holds one line at a
// time.
type Reader struct {
	src    *bufio.Reader
	number int
	long   []byte    // a line that does not fit the buffer of src
	digest hash.Hash // of a line that does not fit into long either
}

// NewReader reads a list from r.
func NewReader(r io.Reader) *Reader {
	return &Reader{src: bufio.NewReaderSize(r, 64<<10)}
}

// Next gives the next line, or io.EOF after the last. A line that cannot be
// fetched has its Err set; errors of Next itself are those of the list.
func (r *Reader) Next() (*Line, error) {
	for {
		text, digest, err := r.text()
		if err != nil {
			return nil, err
		}
		if digest == 0 && (len(text) == 0 || text[0] == '#') {
			continue
		}
		return r.line(text, digest), nil
	}
}

func (r *Reader) line(text []byte, digest Digest) *Line {
	line := &Line{Number: r.number, Digest: digest}
	switch {
	case digest != 0:
		line.Err = errLongLine
		return line
	case text[0] == '{':
		line.Err = line.parseJSON(text)
	default:
		line.URL = string(text)
	}
	line.Digest = digestOf(text)
	return line
}

// text gives the next line of the list without the spaces around it, valid until
// the next call. Of a line that is too long it gives the digest alone.
func (r *Reader) text() ([]byte, Digest, error) {
	piece, err := r.src.ReadSlice('\n')
	if len(piece) == 0 && err != nil {
		return nil, 0, err
	}
	r.number++
	if r.number == 1 {
		piece = bytes.TrimPrefix(piece, []byte("\xef\xbb\xbf"))
	}
	if err == nil || err == io.EOF {
		return bytes.TrimSpace(piece), 0, nil
	}
	r.long, r.digest = r.long[:0], nil
	r.keep(piece)
	for errors.Is(err, bufio.ErrBufferFull) {
		piece, err = r.src.ReadSlice('\n')
		r.keep(piece)
	}
	if err != nil && err != io.EOF {
		return nil, 0, err
	}
	return r.longText()
}

// keep adds to a long line, and gives up its text for its digest when it is too
// long. Neither spaces before the text nor a comment, whose beginning is enough, are
// ever too long.
func (r *Reader) keep(piece []byte) {
	if len(r.long) == 0 && r.digest == nil {
		piece = bytes.TrimLeftFunc(piece, unicode.IsSpace)
	}
	switch {
	case r.digest != nil:
		r.digest.Write(piece)
	case len(r.long) > 0 && r.long[0] == '#':
	case len(r.long)+len(piece) <= maxLine:
		r.long = append(r.long, piece...)
	default:
		r.digest = sha256.New()
		r.digest.Write(r.long)
		r.digest.Write(piece)
		r.long = nil
	}
}

func (r *Reader) longText() ([]byte, Digest, error) {
	if r.digest == nil {
		return bytes.TrimSpace(r.long), 0, nil
	}
	sum := r.digest.Sum(nil)
	return nil, max(1, Digest(binary.BigEndian.Uint64(sum))), nil
}

// Complete reports whether the list, read to its end, can be the one that done is
// about; the error is a *ChangedError.
func (r *Reader) Complete(done *Done) error { return done.complete(r.number) }
