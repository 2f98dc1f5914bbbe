package commands

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"

	"smp/client"
	"smp/commands/cli"
	"smp/commands/term"
)

// What is done to an answer only because people read it: stdout is a terminal, and -o
// does not name it.

const (
	sniffed     = 2 << 10 // bytes of a body that decide whether it is text
	mostIndents = 1 << 20 // bytes of JSON that are indented
)

// onScreen reports whether people read the body.
func (d *delivery) onScreen() bool {
	return d.app.out.Stream.Terminal && d.output.Output == "" && d.inline == nil
}

// readable makes a body fit for a terminal: binary data is refused, as curl does, and
// JSON is indented.
func (d *delivery) readable(resp *client.Response) error {
	if !d.onScreen() {
		return nil
	}
	if isJSON(resp.Header) {
		return indent(resp)
	}
	head, err := peek(resp, 1, sniffed) // what comes first: the rest may take its time
	if err == nil && bytes.ContainsFunc(head, binaryByte) {
		what := cmp.Or(strings.TrimSpace(resp.Header.Get("Content-Type")), "of no stated type")
		return cli.Usagef("the body is binary (%s), and would garble the terminal", what).
			Hint("keep it in a file: -o FILE").Hint("write it here all the same: -o -")
	}
	return err
}

// binaryByte reports whether no text holds r: the binary data bytes of the MIME Sniffing
// standard.
func binaryByte(r rune) bool {
	return r <= 0x08 || r == 0x0b || r >= 0x0e && r <= 0x1a || r >= 0x1c && r <= 0x1f
}

func isJSON(header http.Header) bool {
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}

// indent indents a body of JSON, unless it is long or none.
func indent(resp *client.Response) error {
	document, err := peek(resp, mostIndents, mostIndents)
	if err != nil || len(document) == mostIndents {
		return err
	}
	var b bytes.Buffer
	if json.Indent(&b, bytes.TrimSpace(document), "", "  ") != nil {
		return nil
	}
	b.WriteByte('\n')
	resp.Body = &replacedBody{Reader: bytes.NewReader(term.EscapeJSON(b.Bytes())), rest: resp.Body}
	return nil
}

// peek reads the beginning of the body, which stays to be read: from least bytes to most,
// less where the body ends before.
func peek(resp *client.Response, least, most int) ([]byte, error) {
	head := make([]byte, most)
	read, err := io.ReadAtLeast(resp.Body, head, least)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	head = head[:read]
	resp.Body = &replacedBody{Reader: io.MultiReader(bytes.NewReader(head), resp.Body), rest: resp.Body}
	return head, err
}

// replacedBody reads something else than the body, which it closes.
type replacedBody struct {
	io.Reader
	rest io.Closer
}

func (b *replacedBody) Close() error { return b.rest.Close() }

// shown makes text of a server safe for the reader of stdout.
func (a *app) shown(text string) string {
	if a.out.Stream.Terminal {
		return term.EscapeControls(text)
	}
	return text
}
