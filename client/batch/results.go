package batch

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
)

// resultHead is the part of a [Record] that says whether a line is done.
type resultHead struct {
	Line   int             `json:"line"`
	Digest *Digest         `json:"digest"`
	File   *string         `json:"file"`
	Error  json.RawMessage `json:"error"`
}

func (h *resultHead) success() bool { return string(h.Error) == "null" }

// maxResult bounds one line of results; a record of this package, whose head is at
// most a mebibyte, stays far below it.
const maxResult = 64 << 20

// readResults reads the results of earlier runs. What it cannot read, a torn line
// or a stranger's, counts as not there: its line is simply open. keep, which may be
// nil, is given every line that is to stay: the first success of each line of the
// list. One object a line then remains when the others are tried again.
func readResults(r io.Reader, keep func(line []byte) error) (done *Done, dropped int, err error) {
	done = &Done{}
	src := bufio.NewReaderSize(r, 64<<10)
	for {
		text, err := readLine(src)
		if err == io.EOF {
			return done, dropped, nil
		}
		if err != nil && !errors.Is(err, errUnreadable) {
			return nil, 0, err
		}
		head, ok := parseResult(text)
		if err != nil || !ok || !done.add(head.Line, *head.Digest, head.success()) || !head.success() {
			dropped++
			continue
		}
		if keep == nil {
			continue
		}
		if err := keep(text); err != nil {
			return nil, 0, err
		}
	}
}

func parseResult(text []byte) (*resultHead, bool) {
	head := new(resultHead)
	if json.Unmarshal(text, head) != nil || head.Line < 1 || head.Digest == nil || len(head.Error) == 0 {
		return nil, false
	}
	return head, true
}

var errUnreadable = errors.New("no whole line")

// readLine gives a line without its newline. A last line that lacks it is torn.
func readLine(src *bufio.Reader) ([]byte, error) {
	piece, err := src.ReadSlice('\n')
	if err == nil {
		return piece[:len(piece)-1], nil
	}
	line := append([]byte(nil), piece...)
	for errors.Is(err, bufio.ErrBufferFull) {
		piece, err = src.ReadSlice('\n')
		if len(line) <= maxResult {
			line = append(line, piece...)
		}
	}
	switch {
	case err == io.EOF && len(line) == 0:
		return nil, io.EOF
	case err == io.EOF || err == nil && len(line) > maxResult:
		return nil, errUnreadable
	case err != nil:
		return nil, err
	}
	return line[:len(line)-1], nil
}

// lineWriter writes whole lines, many at a time.
type lineWriter struct{ *bufio.Writer }

func newLineWriter(dst io.Writer) lineWriter {
	return lineWriter{bufio.NewWriterSize(dst, 64<<10)}
}

func (w lineWriter) line(text []byte) error {
	if _, err := w.Write(text); err != nil {
		return err
	}
	return w.WriteByte('\n')
}
