package answer

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"unicode/utf8"
)

// MaxInline is how much of a body for --json is kept in memory. More goes to a
// temporary file, since only its end tells whether all of it is UTF-8.
const MaxInline = 1 << 20

// InlineBody keeps a body for the document of --json. The caller closes it.
type InlineBody struct {
	memory bytes.Buffer
	file   *os.File // what did not fit; nil as long as all does
	text   utf8Check
}

func (b *InlineBody) Write(p []byte) (int, error) {
	b.text.add(p)
	if b.file == nil && b.memory.Len()+len(p) <= MaxInline {
		return b.memory.Write(p)
	}
	if b.file == nil {
		file, err := os.CreateTemp("", ".smp-")
		if err != nil {
			return 0, err
		}
		b.file = file
		_ = os.Remove(file.Name()) // so that a crash leaves none; Windows removes it in close
	}
	return b.file.Write(p)
}

// Large reports whether the body is more than memory keeps.
func (b *InlineBody) Large() bool { return b.file != nil }

// Close removes what was kept.
func (b *InlineBody) Close() {
	if b.file != nil {
		_ = b.file.Close()
		_ = os.Remove(b.file.Name())
	}
}

// contents reads the body from its beginning.
func (b *InlineBody) contents() (io.Reader, error) {
	if b.file == nil {
		return bytes.NewReader(b.memory.Bytes()), nil
	}
	if _, err := b.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return io.MultiReader(bytes.NewReader(b.memory.Bytes()), b.file), nil
}

// WriteMember writes the body as the member of a JSON object: "body", or
// "body_base64" where it is no text.
func (b *InlineBody) WriteMember(w io.Writer) error {
	contents, err := b.contents()
	if err != nil {
		return err
	}
	if b.text.valid() {
		return writeText(w, contents)
	}
	if _, err := io.WriteString(w, `"body_base64":"`); err != nil {
		return err
	}
	encoder := base64.NewEncoder(base64.StdEncoding, w)
	if _, err := Copy(encoder, contents, false); err != nil {
		return err
	}
	if err := encoder.Close(); err != nil {
		return err
	}
	_, err = io.WriteString(w, `"`)
	return err
}

// writeText writes UTF-8 as a JSON string, piece by piece, none of which ends
// within a character.
func writeText(w io.Writer, text io.Reader) error {
	if _, err := io.WriteString(w, `"body":"`); err != nil {
		return err
	}
	escaper := newEscaper()
	piece := make([]byte, 0, 32<<10)
	for {
		n, readErr := io.ReadFull(text, piece[len(piece):cap(piece)])
		piece = piece[:len(piece)+n]
		whole := len(piece) - incomplete(piece)
		if err := escaper.write(w, piece[:whole]); err != nil {
			return err
		}
		piece = piece[:copy(piece, piece[whole:])]
		if readErr == io.EOF || readErr == io.ErrUnexpectedEOF {
			_, err := io.WriteString(w, `"`)
			return err
		}
		if readErr != nil {
			return readErr
		}
	}
}

// escaper escapes text for a JSON string, without garbage: a large body would leave as
// much of it as it is long.
type escaper struct {
	buffer  bytes.Buffer
	encoder *json.Encoder
	text    []byte
}

func newEscaper() *escaper {
	e := &escaper{}
	e.encoder = json.NewEncoder(&e.buffer)
	e.encoder.SetEscapeHTML(false)
	return e
}

// MarshalText hands the encoder bytes: it takes text as a string alone, which would
// be a copy.
func (e *escaper) MarshalText() ([]byte, error) { return e.text, nil }

func (e *escaper) write(w io.Writer, text []byte) error {
	e.buffer.Reset()
	e.text = text
	if err := e.encoder.Encode(e); err != nil {
		return err
	}
	_, err := w.Write(e.buffer.Bytes()[1 : e.buffer.Len()-2]) // less the quotes and the newline
	return err
}

// utf8Check checks a text that comes in pieces for UTF-8, wherever it was cut.
type utf8Check struct {
	bad  bool
	rest []byte // the beginning of a character
}

func (c *utf8Check) add(p []byte) {
	if c.bad {
		return
	}
	for len(c.rest) > 0 && len(p) > 0 && incomplete(c.rest) > 0 {
		c.rest, p = append(c.rest, p[0]), p[1:]
	}
	if incomplete(c.rest) > 0 {
		return
	}
	cut := len(p) - incomplete(p)
	c.bad = !utf8.Valid(c.rest) || !utf8.Valid(p[:cut])
	c.rest = append(c.rest[:0], p[cut:]...)
}

func (c *utf8Check) valid() bool { return !c.bad && len(c.rest) == 0 }

// incomplete is the length of the beginning of a character at the end of p.
func incomplete(p []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(p); n++ {
		tail := p[len(p)-n:]
		if utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}
